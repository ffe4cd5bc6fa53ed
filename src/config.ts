/** One setting: its name, how it reads, what it means. Environment name and flag are derived from the name. */
export interface Setting<T extends string | number | boolean = string | number | boolean> {
  readonly default: T
  readonly description: string
  /** Inclusive bounds of a number. */
  readonly range?: readonly [number, number]
  readonly choices?: readonly string[]
  /** What its text must be. */
  readonly form?: keyof typeof FORMS
  /** Shown masked by `config print`. */
  readonly secret?: boolean
  /** What events are read and enriched by: the data directory remembers it, so that every command on it uses the same. */
  readonly of_shop?: boolean
}

/** Texts that not every text can be: how each is kept, undefined where it is none, and what to say then. */
const FORMS = {
  // As the currencies of events are: any case, kept in capitals, or no event would be in the shop's currency.
  currency: {
    read: (text: string) => (/^[A-Za-z]{3}$/.test(text) ? text.toUpperCase() : undefined),
    expected: 'a three-letter ISO 4217 code such as EUR',
  },
  time_zone: {
    read: (text: string) => (isTimeZone(text) ? text : undefined),
    expected: 'an IANA zone such as Europe/Berlin',
  },
} as const

/** Keys that everybody knows: text and name of the two keys of `shoplake dev`. */
export const DEV_KEYS = { browser: 'pk_dev', server: 'sk_dev' } as const

/** Every setting of the embedded home. Units stand in names. */
export const SETTINGS = {
  port: {
    default: 4600,
    range: [0, 65535],
    description: 'Port of the HTTP server; 0 takes a free one.',
  },
  host: {
    default: '127.0.0.1',
    description: 'Address that the HTTP server binds to. `dev` allows 127.0.0.1 only.',
  },
  data_dir: { default: '.shoplake', description: 'Directory of stream, lake and store.' },
  shop_name: { default: 'Demo shop', of_shop: true, description: 'Shown by the console.' },
  shop_currency: {
    default: 'USD',
    of_shop: true,
    form: 'currency',
    description: 'ISO 4217; what reports add up in, and the default of events.',
  },
  shop_time_zone: {
    default: 'UTC',
    of_shop: true,
    form: 'time_zone',
    description: 'IANA zone of local_date and of "today".',
  },
  shop_hosts: {
    default: '',
    of_shop: true,
    description: "The shop's own host names, comma separated: never a referrer.",
  },
  fx_rates_file: {
    default: '',
    description: 'JSON: {"EUR": [{"date": "2025-01-01", "rate": 1.04}]}, shop currency per unit.',
  },
  log_level: {
    default: 'info',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    description: 'Least severe log line that is written.',
  },
  trusted_proxies: {
    default: 0,
    range: [0, 10],
    description: 'How many reverse proxies stand in front: which X-Forwarded-For entry counts.',
  },
  allowed_hosts: {
    default: '',
    description:
      'Host headers that are answered beside 127.0.0.1 and localhost, comma separated; empty for any (`dev`: this machine only).',
  },
  request_max_bytes: {
    default: 10_000_000,
    range: [1000, 100_000_000],
    description: 'Largest body, before and after inflating.',
  },
  request_max_events: {
    default: 2500,
    range: [1, 100_000],
    description: 'Most events in one request.',
  },
  event_max_bytes: {
    default: 256_000,
    range: [1000, 1_000_000],
    description: 'Largest event as canonical JSON.',
  },
  rate_events_per_s: {
    default: 200_000,
    range: [1, 10_000_000],
    description: 'Events a second a key may send, sustained.',
  },
  rate_burst_events: {
    default: 1_000_000,
    range: [1, 100_000_000],
    description: 'Events a key may send at once on top.',
  },
  inflight_max_bytes: {
    default: 128_000_000,
    range: [1_000_000, 4_000_000_000],
    description: 'Bodies being handled at once; beyond it 503.',
  },
  dedup_window_hours: {
    default: 24,
    range: [1, 168],
    description: 'How long an event_id is remembered at the door.',
  },
  dedup_max_ids: {
    default: 20_000_000,
    range: [1000, 200_000_000],
    description: 'How many event_ids are remembered at the door.',
  },
  dead_letter_max_bytes: {
    default: 8192,
    range: [256, 100_000],
    description: 'Raw bytes kept of a refused event.',
  },
  dead_letter_quota_bytes: {
    default: 50_000_000,
    range: [0, 10_000_000_000],
    description:
      'Bytes of dead letters kept per source and day; beyond it refused events are only counted.',
  },
  dead_letter_days: {
    default: 30,
    range: [1, 3650],
    description: 'How long dead letters are kept.',
  },
  stream_max_bytes: {
    default: 20_000_000_000,
    range: [10_000_000, 10_000_000_000_000],
    description: 'Largest stream on disk; beyond it 503.',
  },
  stream_hours: {
    default: 48,
    range: [1, 8760],
    description: 'How long records stay after both consumers have handled them.',
  },
  disk_reserve_bytes: {
    default: 500_000_000,
    range: [0, 1_000_000_000_000],
    description: 'Free disk below which events are refused with 503, so that deletes still work.',
  },
  lake_tick_ms: {
    default: 500,
    range: [50, 60_000],
    description: 'How often the lake writer looks for new records; half as often where many come.',
  },
  lake_flush_rows: {
    default: 50_000,
    range: [100, 10_000_000],
    description: 'Hot rows of a type that go to Parquet.',
  },
  lake_flush_s: {
    default: 60,
    range: [1, 3600],
    description: 'Age of hot rows that go to Parquet.',
  },
  lake_direct_rows: {
    default: 10_000,
    range: [1, 10_000_000],
    description: 'Rows of a type in one tick that skip the hot table.',
  },
  lake_compact_files: {
    default: 8,
    range: [2, 1000],
    description: 'Small files of one day and type that are merged.',
  },
  lake_days: {
    default: 0,
    range: [0, 36_500],
    description: 'Days of occurred_at kept in the lake; 0 for all.',
  },
  sql_timeout_ms: { default: 60_000, range: [100, 3_600_000], description: 'Longest query.' },
  sql_max_rows: { default: 100_000, range: [1, 10_000_000], description: 'Most rows of a result.' },
  sql_slots: { default: 2, range: [1, 16], description: 'Queries that run at once.' },
  sql_queue: { default: 6, range: [0, 1000], description: 'Queries that wait; beyond it 429.' },
  sql_memory_mb: {
    default: 1024,
    range: [64, 65_536],
    description: 'Memory limit of the SQL engine.',
  },
  sql_threads: { default: 2, range: [1, 64], description: 'Threads of the SQL engine.' },
  store_commit_ms: {
    default: 500,
    range: [10, 60_000],
    description: 'Longest time between two commits of a busy store updater.',
  },
  alert_webhook_url: {
    default: '',
    secret: true,
    description: 'Where alerts are posted as JSON; empty for none.',
  },
  low_stock_at: {
    default: 5,
    range: [0, 1_000_000],
    description: 'Stock level that counts as low where the event does not say.',
  },
} as const satisfies { readonly [name: string]: Setting }

type Widen<T> = T extends number ? number : T extends boolean ? boolean : string

export type SettingName = keyof typeof SETTINGS

export type Config = { readonly [N in SettingName]: Widen<(typeof SETTINGS)[N]['default']> }

/** Where a value came from, in rising order of precedence. */
export type Origin = 'default' | 'data_dir' | 'file' | 'environment' | 'flag'

export interface ResolvedConfig {
  readonly config: Config
  readonly origins: { readonly [N in SettingName]: Origin }
}

/** Values by setting name, as text or already typed; undefined entries are absent. */
export type RawSettings = { readonly [name: string]: unknown }

const ENVIRONMENT_PREFIX = 'SHOPLAKE_'
/** Of the commands that talk to a server; no settings. */
const OTHER_VARIABLES = ['SHOPLAKE_KEY']

export function environmentName(name: SettingName): string {
  return `${ENVIRONMENT_PREFIX}${name.toUpperCase()}`
}

/** Of the commands that start a server: `--shop-currency`. */
export function flagName(name: SettingName): string {
  return `--${name.replaceAll('_', '-')}`
}

/** Settings that a data directory remembers. */
export const SHOP_SETTINGS = (Object.keys(SETTINGS) as SettingName[]).filter(
  (name) => (SETTINGS[name] as Setting).of_shop,
)

/**
 * Settings from what the data directory remembers, file, environment and flags over the defaults.
 * Returns problems, one sentence each with what to write instead, where a value does not fit or a name is unknown.
 */
export function resolveConfig(layers: {
  data_dir?: RawSettings
  file?: RawSettings
  environment?: RawSettings
  flags?: RawSettings
}): { resolved: ResolvedConfig } | { problems: string[] } {
  const problems: string[] = []
  const values: { [name: string]: unknown } = {}
  const origins: { [name: string]: Origin } = {}
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    values[name] = SETTINGS[name].default
    origins[name] = 'default'
  }
  const named = environmentValues(layers.environment ?? {})
  for (const [origin, layer] of [
    ['data_dir', layers.data_dir ?? {}],
    ['file', layers.file ?? {}],
    ['environment', named],
    ['flag', layers.flags ?? {}],
  ] as const) {
    for (const [name, raw] of Object.entries(layer)) {
      if (raw === undefined) continue
      const value = readSetting(name, raw)
      if ('problem' in value) problems.push(`${value.problem} (from ${origin})`)
      else {
        values[name] = value.value
        origins[name] = origin
      }
    }
  }
  if (problems.length > 0) return { problems }
  return { resolved: { config: values as Config, origins: origins as ResolvedConfig['origins'] } }
}

/** A misspelt variable is a name that no setting has: it is told, not passed over. */
function environmentValues(environment: RawSettings): RawSettings {
  const ours = Object.entries(environment).filter(
    ([name]) => name.startsWith(ENVIRONMENT_PREFIX) && !OTHER_VARIABLES.includes(name),
  )
  return Object.fromEntries(
    ours.map(([name, value]) => [name.slice(ENVIRONMENT_PREFIX.length).toLowerCase(), value]),
  )
}

function readSetting(name: string, raw: unknown): { value: unknown } | { problem: string } {
  if (!Object.hasOwn(SETTINGS, name))
    return { problem: `unknown setting "${name}"${didYouMean(name)}` }
  const setting: Setting = SETTINGS[name as SettingName]
  if (typeof setting.default === 'number') return readNumber(name, setting, raw)
  const text = String(raw)
  if (setting.choices && !setting.choices.includes(text)) {
    return { problem: `${name} is "${text}"; it must be one of ${setting.choices.join(', ')}` }
  }
  if (!setting.form) return { value: text }
  const { read, expected } = FORMS[setting.form]
  const value = read(text)
  return value === undefined
    ? { problem: `${name} is "${text}"; it must be ${expected}` }
    : { value }
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function readNumber(
  name: string,
  setting: Setting,
  raw: unknown,
): { value: number } | { problem: string } {
  const value = typeof raw === 'string' && raw.trim() === '' ? Number.NaN : Number(raw)
  const [low, high] = setting.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  if (Number.isInteger(value) && value >= low && value <= high) return { value }
  return { problem: `${name} is "${raw}"; it must be a whole number from ${low} to ${high}` }
}

function didYouMean(name: string): string {
  const known = Object.keys(SETTINGS)
  const near = known
    .map((candidate) => ({ candidate, edits: editsBetween(name, candidate) }))
    .sort((a, b) => a.edits - b.edits)[0]!
  return near.edits <= Math.max(2, name.length / 3) ? `; did you mean "${near.candidate}"?` : ''
}

/** Characters to add, take out or replace until one is the other (Levenshtein's distance). */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, replaced))
    }
    row = next
  }
  return row[b.length]!
}
