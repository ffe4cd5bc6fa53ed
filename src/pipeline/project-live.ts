import type { LiveMinuteDocument } from './documents.ts'
import type { Row } from './erase.ts'
import type { OrderEffect } from './order-effect.ts'
import { amountOf, plus } from './project-amount.ts'
import type { ProjectContext } from './project-context.ts'

const COUNTS = [
  'page_views',
  'product_views',
  'product_clicks',
  'searches',
  'carts',
  'checkouts',
  'orders',
] as const

type MinuteCount = Exclude<(typeof COUNTS)[number], 'orders'>

function newMinute(minute: string): LiveMinuteDocument {
  return {
    minute,
    page_views: 0,
    product_views: 0,
    product_clicks: 0,
    searches: 0,
    carts: 0,
    checkouts: 0,
    orders: 0,
    sales: '0',
  }
}

/** Counts a website event in the minute it happened in, unless that is past keeping. */
export function countInMinute(row: Row, count: MinuteCount, context: ProjectContext): void {
  const at = row.occurred_at as string
  if (at < context.horizon(row).live) return
  context.workspace.edit('live_minutes', at.slice(0, 16), newMinute)[count]++
}

/** Adds an order that is not cancelled to the minute it was placed in, or takes it back (`sign` -1). */
export function addLiveOrder(
  effect: OrderEffect,
  sign: 1 | -1,
  oldest: string,
  context: ProjectContext,
): void {
  if (effect.cancelled || effect.created_at < oldest) return
  const key = effect.created_at.slice(0, 16)
  const minute = context.workspace.edit('live_minutes', key, newMinute)
  minute.orders += sign
  minute.sales = plus(minute.sales, BigInt(sign) * amountOf(effect.shop_value))
  // An order that moved away leaves nothing behind, as if it had never been placed in this minute.
  if (sign === -1 && COUNTS.every((count) => minute[count] === 0)) {
    context.workspace.remove('live_minutes', key)
  }
}
