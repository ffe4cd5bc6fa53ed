import { describe, expect, it } from 'vitest'
import { createShopClock, liveDays, type SoldMinute } from './live-days.ts'

function sold(clock: ReturnType<typeof createShopClock>, at: string, amount: number): SoldMinute {
  return { ...clock(new Date(at)), orders: 1, sales: BigInt(amount) * 10_000n }
}

describe('the days of the live view', () => {
  it('compares today with yesterday up to the same minute, in the shop’s zone', () => {
    const clock = createShopClock('America/New_York')
    const minutes = [
      sold(clock, '2025-01-14T04:59:00Z', 1), // the day before yesterday there
      sold(clock, '2025-01-14T05:00:00Z', 2),
      sold(clock, '2025-01-14T15:30:00Z', 4),
      sold(clock, '2025-01-14T15:31:00Z', 8), // a minute later than now
      sold(clock, '2025-01-15T05:00:00Z', 16),
      sold(clock, '2025-01-15T15:30:00Z', 32),
    ]
    const days = liveDays(minutes, clock(new Date('2025-01-15T15:30:59Z')))
    expect(days.today).toEqual({ date: '2025-01-15', orders: 2, sales: '48' })
    expect(days.yesterday).toEqual({ date: '2025-01-14', orders: 2, sales: '6' })
    expect(days.hours).toHaveLength(24)
    expect(days.hours[10]).toEqual({
      hour: 10,
      orders: 1,
      sales: '32',
      yesterday: { orders: 2, sales: '12' },
    })
  })

  it('knows the day before the first of a month and of a year', () => {
    const clock = createShopClock('UTC')
    const now = clock(new Date('2025-01-01T00:00:00Z'))
    expect(liveDays([], now).yesterday).toEqual({ date: '2024-12-31', orders: 0, sales: '0' })
  })

  it('counts the hour that comes twice as one', () => {
    const clock = createShopClock('Europe/Berlin')
    const minutes = ['2025-10-26T00:30:00Z', '2025-10-26T01:30:00Z'].map((at) => sold(clock, at, 5))
    const { hours } = liveDays(minutes, clock(new Date('2025-10-26T12:00:00Z')))
    expect(hours[2]).toMatchObject({ orders: 2, sales: '10' })
  })
})
