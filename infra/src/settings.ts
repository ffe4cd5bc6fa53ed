import { DEFAULT_BUCKETS } from '../../src/main/lambda-settings.ts'

/** How stream and store are paid for: by the hour for what is held ready, or by what goes through. */
export type Payment = 'provisioned' | 'on_demand'

export const PRESETS = {
  small: {
    events_per_s: 100,
    shards: 1,
    retention_hours: 24,
    collect_memory_mb: 512,
    consumer_memory_mb: 1024,
    parallel_batches: 1,
    requests_per_s: 100,
    scan_limit_bytes: 10_000_000_000,
    monthly_budget_usd: 75,
  },
  medium: {
    events_per_s: 1000,
    shards: 3,
    retention_hours: 48,
    collect_memory_mb: 1024,
    consumer_memory_mb: 1769,
    parallel_batches: 1,
    requests_per_s: 500,
    scan_limit_bytes: 100_000_000_000,
    monthly_budget_usd: 450,
  },
  large: {
    events_per_s: 10_000,
    // As many as there are buckets: no record would come to more.
    shards: DEFAULT_BUCKETS,
    retention_hours: 48,
    collect_memory_mb: 1769,
    consumer_memory_mb: 3008,
    parallel_batches: 2,
    requests_per_s: 5000,
    scan_limit_bytes: 1_000_000_000_000,
    monthly_budget_usd: 4000,
  },
} as const

export type PresetName = keyof typeof PRESETS

/** What a stack is made of. Everything that has a price or a bound stands here or in its preset. */
export interface HomeSettings {
  /** Lower case, digits and -; the stack and everything with a name in it begins with it. */
  readonly name: string
  readonly preset: PresetName
  readonly stream: Payment
  readonly store: Payment
  /** How long the two consumers gather records before a batch, in seconds: fewer objects and writes against fresher answers. */
  readonly lake_window_s: number
  readonly store_window_s: number
  /** A firewall in front of the API and the console: rate by address, known bad inputs. */
  readonly firewall: boolean
  /** Who gets alarms and the budget's warnings; nobody where it is empty. */
  readonly alert_email: string
  readonly shop_currency: string
  readonly shop_time_zone: string
}

export const DEFAULT_SETTINGS: HomeSettings = {
  name: 'shoplake',
  preset: 'small',
  stream: 'provisioned',
  store: 'on_demand',
  lake_window_s: 60,
  store_window_s: 60,
  firewall: false,
  alert_email: '',
  shop_currency: 'USD',
  shop_time_zone: 'UTC',
}

/**
 * Settings from `-c name=value` over the defaults. Throws a plain Error with every problem on its own line.
 * `read` gives a value as the command line had it, or undefined.
 */
export function readSettings(read: (name: string) => unknown): HomeSettings {
  const problems: string[] = []
  const refuse = (name: string, rule: string) =>
    problems.push(`${name} is "${read(name)}"; it must be ${rule}`)
  const text = (name: keyof HomeSettings, pattern: RegExp, rule: string) => {
    const value = String(read(name) ?? DEFAULT_SETTINGS[name])
    if (!pattern.test(value)) refuse(name, rule)
    return value
  }
  const window = (name: 'lake_window_s' | 'store_window_s') => {
    const value = Number(read(name) ?? DEFAULT_SETTINGS[name])
    const fits = Number.isInteger(value) && value >= 0 && value <= 300
    if (!fits) refuse(name, 'whole seconds from 0 to 300')
    return value
  }
  const payment = (name: 'stream' | 'store') =>
    text(name, /^(provisioned|on_demand)$/, 'provisioned or on_demand') as Payment
  const settings: HomeSettings = {
    name: text('name', /^[a-z][a-z0-9-]{1,24}$/, 'lower case, digits and -, 2 to 25 of them'),
    preset: text('preset', /^(small|medium|large)$/, 'small, medium or large') as PresetName,
    stream: payment('stream'),
    store: payment('store'),
    lake_window_s: window('lake_window_s'),
    store_window_s: window('store_window_s'),
    firewall: text('firewall', /^(true|false)$/, 'true or false') === 'true',
    alert_email: text('alert_email', /^$|^[^@\s]+@[^@\s]+$/, 'an e-mail address, or empty'),
    shop_currency: text('shop_currency', /^[A-Z]{3}$/, 'an ISO 4217 code such as EUR'),
    shop_time_zone: text('shop_time_zone', /^[A-Za-z0-9_+/-]+$/, 'an IANA zone'),
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return settings
}
