import { expect, test } from 'vitest'
import { amountMismatch, amountOf } from './enrich-amount.ts'
import { createVisitorReader } from './enrich-device.ts'
import { convertMoney, readFxRates } from './enrich-fx.ts'
import { createLocalClock } from './enrich-local-time.ts'

const DESKTOP =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36'
const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1'
const TABLET =
  'Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.0 Mobile/15E148 Safari/604.1'
const BOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'

test('user agents are told apart, also on the second look', () => {
  const read = createVisitorReader()
  for (let round = 0; round < 2; round++) {
    expect(read(DESKTOP)).toEqual({ device: 'desktop', bot: false })
    expect(read(PHONE)).toEqual({ device: 'mobile', bot: false })
    expect(read(TABLET)).toEqual({ device: 'tablet', bot: false })
    expect(read(BOT).bot).toBe(true)
    expect(read('curl/8.0').bot).toBe(true)
    expect(read('')).toEqual({ device: 'other', bot: false })
    expect(read('\u0000 nonsense').device).toBe('other')
  }
})

test('local day and hour follow the zone, over daylight saving and half hours', () => {
  const at = (zone: string, text: string) => createLocalClock(zone)(Date.parse(text))
  expect(at('UTC', '2025-01-15T23:59:59.999Z')).toEqual({ date: '2025-01-15', hour: 23 })
  expect(at('Asia/Ho_Chi_Minh', '2025-01-15T17:00:00Z')).toEqual({ date: '2025-01-16', hour: 0 })
  expect(at('America/New_York', '2025-03-09T06:59:59Z')).toEqual({ date: '2025-03-09', hour: 1 })
  expect(at('America/New_York', '2025-03-09T07:00:00Z')).toEqual({ date: '2025-03-09', hour: 3 })
  expect(at('Asia/Kathmandu', '2025-01-15T18:14:00Z')).toEqual({ date: '2025-01-15', hour: 23 })
  expect(at('Asia/Kathmandu', '2025-01-15T18:15:00Z')).toEqual({ date: '2025-01-16', hour: 0 })
  expect(at('Australia/Lord_Howe', '2025-04-05T15:00:00Z')).toEqual({ date: '2025-04-06', hour: 1 })
})

test('the first and the oldest days have a date that every table takes', () => {
  const start = Date.parse('0001-01-01T00:00:00Z')
  expect(createLocalClock('America/New_York')(start).date).toBe('0001-01-01')
  expect(createLocalClock('Asia/Tokyo')(start).date).toBe('0001-01-01')
  expect(createLocalClock('UTC')(Date.parse('0044-03-15T12:00:00Z'))).toEqual({
    date: '0044-03-15',
    hour: 12,
  })
})

test('a clock agrees with Intl at any moment of a year, cached or not', () => {
  const zone = 'Europe/Berlin'
  const clock = createLocalClock(zone)
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
  for (let step = 0; step < 2000; step++) {
    const moment = Date.UTC(2025, 0, 1) + step * 15_811_200
    const { date, hour } = clock(moment)
    const [day, time] = format.format(moment).split(' ')
    expect(`${date} ${hour}`).toBe(`${day} ${Number(time!.slice(0, 2))}`)
  }
})

test('an unknown zone is refused at once', () => {
  expect(() => createLocalClock('Mars/Olympus')).toThrow(RangeError)
})

function rates(raw: unknown) {
  const read = readFxRates(raw)
  if ('problems' in read) throw new Error(read.problems.join('; '))
  return read.rates
}

test('the latest rate of a day not after the event counts', () => {
  const table = rates({
    EUR: [
      { date: '2025-01-10', rate: 1.05 },
      { date: '2025-01-01', rate: 1.04 },
    ],
  })
  expect(table.rateOn('EUR', '2024-12-31')).toBeUndefined()
  expect(table.rateOn('EUR', '2025-01-09')).toMatchObject({ rate: 1.04, date: '2025-01-01' })
  expect(table.rateOn('EUR', '2025-01-10')).toMatchObject({ rate: 1.05 })
  expect(table.rateOn('EUR', '2030-01-01')).toMatchObject({ rate: 1.05 })
  expect(table.rateOn('GBP', '2025-01-10')).toBeUndefined()
})

test('conversion is exact by the decimal digits of the rate', () => {
  const rateOf = (rate: number) =>
    rates({ EUR: [{ date: '2025-01-01', rate }] }).rateOn('EUR', '2025-01-01')!
  expect(convertMoney(599_800n, rateOf(1.04))).toBe('62.3792')
  expect(convertMoney(1n, rateOf(0.5))).toBe('0.0001')
  expect(convertMoney(-1n, rateOf(0.5))).toBe('-0.0001')
  expect(convertMoney(1n, rateOf(0.49))).toBe('0')
  expect(convertMoney(99_999_999_999_999_999n, rateOf(3e-7))).toBe('3000000')
  expect(convertMoney(2_500_000_000n, rateOf(0.000039))).toBe('9.75')
  expect(convertMoney(10_000n, rateOf(1e13))).toBe('10000000000000')
  expect(convertMoney(100_000n, rateOf(1e13))).toBeUndefined()
})

test('a rate table of another shape is explained', () => {
  expect(readFxRates([])).toHaveProperty('problems')
  expect(
    readFxRates({
      eur: [],
      USD: [{ date: '1 May', rate: 1 }],
      GBP: [{ date: '2025-01-01', rate: 0 }],
    }),
  ).toEqual({
    problems: [
      '"eur" must be an ISO 4217 code with a list of days',
      'USD[0] must be {"date": "YYYY-MM-DD", "rate": > 0}',
      'GBP[0] must be {"date": "YYYY-MM-DD", "rate": > 0}',
    ],
  })
})

test('an amount is the product of its fields, if it fits', () => {
  expect(amountOf(['price', 'quantity'], { price: '0.0001', quantity: 3 })).toBe(3n)
  expect(amountOf(['price', 'quantity'], { price: null, quantity: 3 })).toBeUndefined()
  expect(
    amountOf(['price', 'quantity'], { price: 99_999_999_999, quantity: 2_147_483_647 }),
  ).toBeUndefined()
})

const LINES = [
  { product_id: 'a', quantity: 2, price: 29.99 },
  { product_id: 'b', quantity: 1, price: '10.005', discount: 1 },
]

test.each([
  [{ items: LINES, total_amount: 68.99 }, false],
  [{ items: LINES, total_amount: 68.98 }, false],
  [{ items: LINES, total_amount: 68.96 }, true],
  [{ items: LINES, total_amount: 58.985, discount_amount: 10 }, false],
  [{ items: LINES, total_amount: 73.985, shipping_amount: 5 }, false],
  [{ items: LINES, total_amount: 68.985, shipping_amount: 5 }, false],
  [{ items: LINES, total_amount: 80.885, shipping_amount: 5, tax_amount: 6.9 }, false],
  [{ items: LINES, total_amount: 75.885, shipping_amount: 5, tax_amount: 6.9 }, false],
  [{ items: LINES, total_amount: 70, shipping_amount: 5, tax_amount: 6.9 }, true],
  [{ items: LINES, total_amount: null }, undefined],
  [{ items: [], total_amount: 5 }, undefined],
])('lines and total: %#', (event, mismatch) => {
  expect(amountMismatch(event)).toBe(mismatch)
})

test('many lines may each be rounded by half a cent', () => {
  const items = Array.from({ length: 100 }, () => ({ quantity: 1, price: 0.333 }))
  expect(amountMismatch({ items, total_amount: 33 })).toBe(false)
  expect(amountMismatch({ items, total_amount: 32.7 })).toBe(true)
})
