import { ReportCard } from '../../chart/report-card.tsx'
import { Page } from '../../frame/page.tsx'
import { Balance } from '../../quality/balance.tsx'
import { BySource } from '../../quality/by-source.tsx'
import { Course } from '../../quality/course.tsx'
import { LetterList } from '../../quality/letter-list.tsx'
import { Refusals } from '../../quality/refusals.tsx'

const LATE_COLUMNS = [
  'source',
  'event_type',
  'events',
  'late_events',
  'delay_p50_s',
  'delay_p95_s',
  'drift_events',
  'mismatch_events',
  'replayed_events',
]

/** Whether the numbers can be trusted: where every event is, and what is wrong with those that are not. */
export function Quality() {
  return (
    <Page title="Data quality" days>
      <Balance />
      <Course />
      <Refusals />
      <BySource />
      <ReportCard
        name="data_quality"
        title="Late, odd and replayed"
        columns={LATE_COLUMNS}
        limit={12}
      />
      <ReportCard
        name="unknown_fields"
        title="Drift: fields that no definition knows"
        empty="Every field that came is known."
        limit={12}
      />
      <LetterList />
    </Page>
  )
}
