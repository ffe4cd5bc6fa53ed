import { Info } from 'lucide-react'
import type { Params } from '../data/report.ts'
import type { ReportColumn } from '../data/report-types.ts'
import { useSetView } from '../data/view.ts'
import { explainKey } from './explain-key.ts'

interface ExplainButtonProps {
  readonly report: string
  readonly column: ReportColumn
  readonly params?: Params | undefined
}

/** Opens where a number comes from. */
export function ExplainButton({ report, column, params = {} }: ExplainButtonProps) {
  const setView = useSetView()
  return (
    <button
      type="button"
      className="explain-button"
      aria-label={`Explain ${column.label}`}
      title="Explain this number"
      onClick={() => setView({ explain: explainKey(report, column.name, params) })}
    >
      <Info aria-hidden="true" size={13} />
    </button>
  )
}
