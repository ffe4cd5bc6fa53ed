import { DataTable } from '../chart/data-table.tsx'
import type { ReportColumn } from '../data/report-types.ts'
import { Bone } from '../parts/skeleton.tsx'
import { StaleNote } from '../parts/stale-note.tsx'
import { sumRows, useLedger } from './ledger-data.ts'

const COLUMNS: readonly ReportColumn[] = [
  { name: 'event_type', unit: 'text', label: 'Event type' },
  { name: 'source', unit: 'text', label: 'Source' },
  { name: 'received', unit: 'count', label: 'Received' },
  { name: 'accepted', unit: 'count', label: 'Accepted' },
  { name: 'duplicate', unit: 'count', label: 'Duplicates' },
  { name: 'rejected', unit: 'count', label: 'Rejected' },
  { name: 'rejected_share', unit: 'ratio', label: 'Rejected share' },
  { name: 'in_lake', unit: 'count', label: 'In the lake' },
  { name: 'applied', unit: 'count', label: 'In the store' },
  { name: 'balanced', unit: 'flag', label: 'Balances' },
]

/** The last stretch in which one came; the API gives rows by time. */
function columnsOf(grainMinutes: number): readonly ReportColumn[] {
  const isDaily = grainMinutes >= 1440
  const latest = isDaily
    ? ({ name: 'minute', unit: 'date', label: 'Latest' } as const)
    : ({ name: 'minute', unit: 'timestamp', label: 'Latest' } as const)
  return [...COLUMNS, latest]
}

/** The ledger by source and event type, those with the most events first. */
export function BySource() {
  const ledger = useLedger()
  const rows = sumRows(ledger.data?.rows ?? [], (row) => `${row.source} ${row.event_type}`)
    .sort((a, b) => b.received - a.received)
    .map((row) => ({ ...row, rejected_share: row.rejected / Math.max(1, row.received) }))
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="by-source">
      <h2 id="by-source" className="mb-3 font-semibold">
        By source and event type
      </h2>
      <StaleNote answer={ledger} className="mb-2" />
      {ledger.data ? (
        rows.length === 0 ? (
          <p className="text-sm text-soft">Nothing was received in these days.</p>
        ) : (
          <DataTable
            title="Ledger by source and event type"
            columns={columnsOf(ledger.data.grain_minutes)}
            rows={rows}
            limit={12}
            cards
          />
        )
      ) : (
        !ledger.isError && (
          <div role="status" aria-label="Loading">
            <Bone className="h-64 w-full" />
          </div>
        )
      )}
    </section>
  )
}
