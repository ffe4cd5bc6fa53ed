import type { LiveNow } from '../ports.ts'
import { formatMoney } from '../schema/money.ts'

const DAY_MS = 86_400_000
const HOURS = 24

/** A moment in the shop's zone: `2025-01-15` and `10:30`. */
export interface ShopTime {
  readonly date: string
  readonly time: string
}

/** What was sold in one minute; `sales` in ten-thousandths. */
export interface SoldMinute extends ShopTime {
  readonly orders: number
  readonly sales: bigint
}

interface Sold {
  orders: number
  sales: bigint
}

/** A clock that reads the shop's zone (an IANA name). */
export function createShopClock(timeZone: string): (at: Date) => ShopTime {
  // Swedish writes dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
  return (at) => {
    const text = format.format(at)
    return { date: text.slice(0, 10), time: text.slice(11, 16) }
  }
}

/**
 * Today, the day before up to the same time of day, and both by hour. An hour that a clock change repeats counts as one; one
 * that it leaves out has nothing.
 */
export function liveDays(
  minutes: Iterable<SoldMinute>,
  now: ShopTime,
): Pick<LiveNow, 'today' | 'yesterday' | 'hours'> {
  const before = new Date(Date.parse(now.date) - DAY_MS).toISOString().slice(0, 10)
  const today = newDay()
  const yesterday = newDay()
  for (const minute of minutes) {
    if (minute.date === now.date) add(today, minute, true)
    else if (minute.date === before) add(yesterday, minute, minute.time <= now.time)
  }
  return {
    today: { date: now.date, ...soldOut(today.sum) },
    yesterday: { date: before, ...soldOut(yesterday.sum) },
    hours: today.hours.map((sold, hour) => ({
      hour,
      ...soldOut(sold),
      yesterday: soldOut(yesterday.hours[hour]!),
    })),
  }
}

interface Day {
  readonly sum: Sold
  readonly hours: readonly Sold[]
}

function newDay(): Day {
  const nothing = (): Sold => ({ orders: 0, sales: 0n })
  return { sum: nothing(), hours: Array.from({ length: HOURS }, nothing) }
}

function add(day: Day, minute: SoldMinute, intoSum: boolean): void {
  for (const sold of [day.hours[Number(minute.time.slice(0, 2))]!, ...(intoSum ? [day.sum] : [])]) {
    sold.orders += minute.orders
    sold.sales += minute.sales
  }
}

function soldOut({ orders, sales }: Sold): { orders: number; sales: string } {
  return { orders, sales: formatMoney(sales) }
}
