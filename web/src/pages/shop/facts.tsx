import type { ReactNode } from 'react'

interface FactsProps {
  readonly title: string
  /** Name and value; those without a value are left out. */
  readonly rows: readonly (readonly [string, ReactNode])[]
}

/** What is known of one thing, line by line. */
export function Facts({ title, rows }: FactsProps) {
  const known = rows.filter(([, value]) => value !== undefined && value !== '' && value !== false)
  return (
    <section className="card p-4 sm:p-5" aria-label={title}>
      <h2 className="mb-2 font-semibold">{title}</h2>
      <dl className="divide-y divide-line text-sm">
        {known.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4 py-2">
            <dt className="shrink-0 text-soft">{name}</dt>
            <dd className="min-w-0 text-right wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
