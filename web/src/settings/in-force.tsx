import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatCount } from '../data/format.ts'
import { useSession } from '../data/session.tsx'
import { AdminNotice } from '../parts/admin-notice.tsx'
import { Bone } from '../parts/skeleton.tsx'

interface Setting {
  readonly name: string
  readonly value: string | number | boolean
  readonly default: string | number | boolean
  readonly changed: boolean
  readonly description: string
}

/** The settings in force, with what they mean; changed ones stand out. */
export function InForce() {
  const { admin } = useSession()
  const [looked, setLooked] = useState('')
  const answer = useQuery({
    queryKey: ['settings', admin.key],
    queryFn: ({ signal }) =>
      admin.read<{ settings: readonly Setting[] }>('/v1/settings', { signal }),
  })
  if (answer.isError && !answer.data) {
    return (
      <AdminNotice
        title="The settings cannot be read"
        error={answer.error}
        onRetry={() => void answer.refetch()}
      />
    )
  }
  const wanted = looked.trim().toLowerCase()
  const shown = (answer.data?.settings ?? []).filter(({ name, description }) =>
    `${name} ${description}`.toLowerCase().includes(wanted),
  )
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="in-force">
      <h2 id="in-force" className="font-semibold">
        Settings in force
      </h2>
      <p className="mt-0.5 mb-3 max-w-prose text-[0.8125rem] text-soft">
        They come from <code className="font-mono text-xs">shoplake.config.json</code>, variables
        such as <code className="font-mono text-xs">SHOPLAKE_PORT</code> and flags, and count from
        the next start on.
      </p>
      <input
        type="search"
        aria-label="Find a setting"
        placeholder="Find a setting"
        className="field mb-2 w-full sm:w-72"
        value={looked}
        onChange={(event) => setLooked(event.currentTarget.value)}
      />
      {answer.isPending && (
        <div role="status" aria-label="Loading">
          <Bone className="h-96 w-full" />
        </div>
      )}
      <dl className="divide-y divide-line text-[0.8125rem]">
        {shown.map((setting) => (
          <SettingRow key={setting.name} setting={setting} />
        ))}
      </dl>
      {answer.data && shown.length === 0 && (
        <p className="py-2 text-sm text-soft">None has that name.</p>
      )}
    </section>
  )
}

function SettingRow({ setting }: { readonly setting: Setting }) {
  const { name, value, default: usual, changed, description } = setting
  return (
    <div className="grid gap-x-6 gap-y-0.5 py-2 sm:grid-cols-[14rem_minmax(0,1fr)_minmax(0,18rem)]">
      <dt className="font-mono text-xs leading-5">{name}</dt>
      <dd className="text-soft">{description}</dd>
      <dd className="tabular-nums [overflow-wrap:anywhere] sm:text-right">
        <span className={changed ? 'font-medium' : 'text-soft'}>{written(value)}</span>
        {changed && <span className="text-xs text-soft"> instead of {written(usual)}</span>}
      </dd>
    </div>
  )
}

/** Ports and small numbers are written plainly. */
const PLAIN_BELOW = 100_000

function written(value: Setting['value']): string {
  if (typeof value === 'number') return value < PLAIN_BELOW ? String(value) : formatCount(value)
  return value === '' ? 'none' : String(value)
}
