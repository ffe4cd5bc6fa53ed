import type { Config } from '../config.ts'
import { canonicalMoney, formatMoney } from '../schema/money.ts'
import type { EventPlan } from './canonical-plan.ts'
import { amountMismatch, amountOf, isAbsent } from './enrich-amount.ts'
import { type Attribution, createChannelReader } from './enrich-channel.ts'
import { createVisitorReader } from './enrich-device.ts'
import { convertMoney, type FxRates } from './enrich-fx.ts'
import { createLocalClock } from './enrich-local-time.ts'
import { quote } from './json-text.ts'
import type { ValidEvent } from './validate.ts'

/** What of a request stands in for what the event does not say. */
export interface Surroundings {
  readonly page_url: string | undefined
  readonly user_agent: string | undefined
}

export interface Enricher {
  /** `"channel":…` to `"amount_mismatch":…` as JSON members, each with a comma before it, in stored order. */
  membersOf(
    plan: EventPlan,
    event: ValidEvent,
    occurredAt: number,
    surroundings: Surroundings,
  ): string
}

/** Derives what an event says by itself. Pure but for its caches. Throws RangeError for an unknown time zone. */
export function createEnricher(config: Config, rates: FxRates): Enricher {
  const attribute = createChannelReader(config.shop_hosts.split(','), members)
  const readVisitor = createVisitorReader()
  const localTime = createLocalClock(config.shop_time_zone)
  const shopCurrency = config.shop_currency.toUpperCase()

  const visitMembers = (event: ValidEvent, surroundings: Surroundings) => {
    const pageUrl = (event.page_url as string | null | undefined) ?? surroundings.page_url
    const referrer = (event.referrer as string | null | undefined) ?? undefined
    const userAgent = (event.user_agent as string | null | undefined) ?? surroundings.user_agent
    const attribution = attribute(pageUrl, referrer)
    if (userAgent === undefined) return `${attribution},"bot":false`
    const visitor = readVisitor(userAgent)
    return `${attribution},"device":"${visitor.device}","bot":${visitor.bot}`
  }

  const valueMembers = (plan: EventPlan, event: ValidEvent, date: string) => {
    const names = plan.definition.amount
    if (!names || isAbsent(event[names[0]!])) return ''
    const currency = (event.currency as string | null | undefined)?.toUpperCase()
    if (currency === undefined || currency === shopCurrency) {
      const text = ownAmount(names, event)
      return text === undefined ? '' : `,"shop_value":"${text}","fx_rate":1`
    }
    const rate = rates.rateOn(currency, date)
    const units = amountOf(names, event)
    if (!rate || units === undefined) return ''
    const text = convertMoney(units, rate)
    const value = text === undefined ? '' : `,"shop_value":"${text}"`
    return `${value},"fx_rate":${rate.rate},"fx_date":"${rate.date}"`
  }

  return {
    membersOf(plan, event, occurredAt, surroundings) {
      const local = localTime(occurredAt)
      let text = visitMembers(event, surroundings)
      text += `,"local_date":"${local.date}","local_hour":${local.hour}`
      text += valueMembers(plan, event, local.date)
      const mismatch = plan.hasTotal ? amountMismatch(event) : undefined
      return mismatch === undefined ? text : `${text},"amount_mismatch":${mismatch}`
    },
  }
}

/** An amount in the shop's own currency, as canonical text. */
function ownAmount(names: readonly string[], event: ValidEvent): string | undefined {
  if (names.length === 1) return canonicalMoney(event[names[0]!] as number | string)
  const units = amountOf(names, event)
  return units === undefined ? undefined : formatMoney(units)
}

const ATTRIBUTES = [
  'channel',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
  'click_id',
] as const satisfies readonly (keyof Attribution)[]

/** Joined rather than appended: what is used in many rows should be one flat text. */
function members(attribution: Attribution): string {
  const said = ATTRIBUTES.filter((name) => attribution[name] !== undefined)
  return said.map((name) => `,"${name}":${quote(attribution[name]!)}`).join('')
}
