import { useState } from 'react'
import { allMetrics } from '../data/metrics.ts'

/** Every named number with its one definition and its formula. */
export function Definitions() {
  const [looked, setLooked] = useState('')
  const wanted = looked.trim().toLowerCase()
  const shown = allMetrics().filter(([name, { label, definition }]) =>
    `${name} ${label} ${definition}`.toLowerCase().includes(wanted),
  )
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="definitions">
      <h2 id="definitions" className="font-semibold">
        Definitions
      </h2>
      <p className="mt-0.5 mb-3 max-w-prose text-[0.8125rem] text-soft">
        Each number means the same wherever it stands: in reports, in the API and on the command
        line.
      </p>
      <input
        type="search"
        aria-label="Find a number"
        placeholder="Find a number"
        className="field mb-2 w-full sm:w-72"
        value={looked}
        onChange={(event) => setLooked(event.currentTarget.value)}
      />
      <dl className="divide-y divide-line text-[0.8125rem]">
        {shown.map(([name, metric]) => (
          <div
            key={name}
            className="grid gap-x-6 gap-y-0.5 py-2.5 sm:grid-cols-[14rem_minmax(0,1fr)]"
          >
            <dt>
              <span className="font-medium">{metric.label}</span>
              <code className="block font-mono text-xs text-soft">{name}</code>
            </dt>
            <dd>
              {metric.definition}
              <span className="mt-0.5 block font-mono text-xs text-soft">{metric.formula}</span>
            </dd>
          </div>
        ))}
      </dl>
      {shown.length === 0 && <p className="py-2 text-sm text-soft">None has that name.</p>}
    </section>
  )
}
