import { formatMoneyRound, formatNoun } from '../data/format.ts'
import { PageLink } from '../frame/page-link.tsx'
import { Change } from '../parts/change.tsx'
import { Notice } from '../parts/notice.tsx'
import { Bone } from '../parts/skeleton.tsx'
import { useLive } from './live-context.tsx'

/** Today so far in one line, against yesterday by this time; it moves as events come. */
export function TodayLine() {
  const { value: live, failure } = useLive()
  if (!live && failure) return <Notice title="Today's numbers cannot be read" error={failure} />
  if (!live) return <Bone className="h-12 w-full" />
  const { today, yesterday, currency } = live
  const sold = formatMoneyRound(Number(today.sales), currency)
  return (
    <PageLink
      to="/live"
      className="card flex flex-wrap items-baseline gap-x-2 gap-y-1 px-4 py-3 text-sm hover:border-soft sm:px-5"
    >
      <span className="text-soft">Today</span>
      <data
        key={sold}
        value={today.sales}
        data-today="sales"
        className="tick font-semibold tabular-nums"
      >
        {sold}
      </data>
      <span className="text-soft">
        from {formatNoun(today.orders, 'order')}, with shipping and tax
      </span>
      <span className="inline-flex items-baseline gap-1.5 text-soft">
        <Change now={Number(today.sales)} before={Number(yesterday.sales)} metric="net_sales" />
        {Number(yesterday.sales) > 0 && 'on yesterday by now'}
      </span>
      <span className="ml-auto text-soft max-sm:ml-0">
        {formatNoun(live.visitors, 'visitor')} now, {formatNoun(live.open_carts, 'open cart')}
      </span>
    </PageLink>
  )
}
