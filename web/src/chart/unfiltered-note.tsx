import type { Params } from '../data/report.ts'
import { ignoredFilters } from '../data/report.ts'
import type { ReportInfo } from '../data/report-types.ts'
import { type FilterName, useView } from '../data/view.ts'

const ALL: { readonly [F in FilterName]: string } = {
  country: 'all countries',
  channel: 'all channels',
  device: 'all devices',
  category: 'all categories',
}

interface UnfilteredNoteProps {
  readonly info: ReportInfo
  readonly params?: Params | undefined
}

/** What a number is of in spite of a filter, where its report cannot tell those apart. */
export function UnfilteredNote({ info, params = {} }: UnfilteredNoteProps) {
  const ignored = ignoredFilters(info, useView()).filter((name) => !(name in params))
  if (ignored.length === 0) return null
  return (
    <p className="text-xs text-soft" data-unfiltered={ignored.join(' ')}>
      <span className="font-medium text-warn">not filtered:</span>{' '}
      {ignored.map((name) => ALL[name as FilterName]).join(', ')}
    </p>
  )
}
