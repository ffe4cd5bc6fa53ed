import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { momentsOf } from '../data/instant.ts'
import { useSession } from '../data/session.tsx'
import { useView } from '../data/view.ts'

/** The counts of the ledger; the first is the sum of the next three. */
export interface LedgerNumbers {
  readonly received: number
  readonly accepted: number
  readonly duplicate: number
  readonly rejected: number
  readonly in_lake: number
  readonly pending_lake: number
  readonly duplicate_late: number
  readonly not_encodable: number
  readonly expired: number
  readonly applied: number
  readonly pending_store: number
}

export interface LedgerRow extends LedgerNumbers {
  readonly source: string
  readonly event_type: string
  /** Start of the stretch of received_at, ISO 8601 in UTC. */
  readonly minute: string
  readonly balanced: boolean
}

/** GET /v1/ledger. */
export interface LedgerAnswer {
  readonly from: string
  readonly to: string
  /** Length of a row's stretch. */
  readonly grain_minutes: number
  readonly balanced: boolean
  readonly complete: boolean
  readonly totals: LedgerNumbers
  readonly imbalances: readonly string[]
  readonly rows: readonly LedgerRow[]
}

const REFETCH_MS = 5000
/** Of the time of the process that answers, which adds up every minute of the days. */
const MOST_SHARE = 0.02

/** The ledger of events received in the days of the view; again every few seconds while they last, less often where it takes long. */
export function useLedger() {
  const { api, server } = useSession()
  const view = useView()
  const { from, to } = momentsOf(server.shop.time_zone, view)
  const isRunning = view.to >= view.today
  return useQuery({
    queryKey: ['ledger', from, to],
    queryFn: async ({ signal }) => {
      const began = performance.now()
      const answer = await api.read<LedgerAnswer>(`/v1/ledger?from=${from}&to=${to}`, { signal })
      return { ...answer, took_ms: performance.now() - began }
    },
    refetchInterval: ({ state }) =>
      isRunning && Math.max(REFETCH_MS, (state.data?.took_ms ?? 0) / MOST_SHARE),
    placeholderData: keepPreviousData,
  })
}

const COUNTS = [
  'received',
  'accepted',
  'duplicate',
  'rejected',
  'in_lake',
  'pending_lake',
  'duplicate_late',
  'not_encodable',
  'expired',
  'applied',
  'pending_store',
] as const satisfies readonly (keyof LedgerNumbers)[]

/** Rows with the same key as one: their counts added up, the stretch of the last, balanced if each is. In order of first appearance. */
export function sumRows(
  rows: readonly LedgerRow[],
  keyOf: (row: LedgerRow) => string,
): LedgerRow[] {
  const sums = new Map<string, LedgerRow>()
  for (const row of rows) {
    const key = keyOf(row)
    const sum = sums.get(key)
    sums.set(key, sum ? added(sum, row) : row)
  }
  return [...sums.values()]
}

function added(one: LedgerRow, other: LedgerRow): LedgerRow {
  const counts = Object.fromEntries(COUNTS.map((name) => [name, one[name] + other[name]]))
  return { ...one, ...counts, minute: other.minute, balanced: one.balanced && other.balanced }
}
