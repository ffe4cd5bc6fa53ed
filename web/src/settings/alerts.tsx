import { useQuery } from '@tanstack/react-query'
import { formatAgo, formatWord } from '../data/format.ts'
import { useSession } from '../data/session.tsx'
import { Notice } from '../parts/notice.tsx'
import { Bone } from '../parts/skeleton.tsx'
import { isStale, StaleNote } from '../parts/stale-note.tsx'

interface Alert {
  readonly name: string
  readonly severity: 'critical' | 'warning'
  readonly summary: string
  readonly hold_s: number
  readonly phase: 'ok' | 'pending' | 'firing' | 'clearing'
  readonly firing: boolean
  readonly since: string | null
  readonly detail: string
}

interface AlertsAnswer {
  readonly alerts: readonly Alert[]
  readonly webhook: boolean
}

const REFETCH_MS = 10_000
const CHIPS = {
  ok: { word: 'quiet', className: 'text-soft' },
  pending: { word: 'seen, waiting', className: 'chip-warn' },
  firing: { word: 'firing', className: 'chip-bad' },
  clearing: { word: 'clearing', className: 'chip-warn' },
} as const

/** Every alert rule with how it stands; those that fire stand first. */
export function Alerts() {
  const { api } = useSession()
  const answer = useQuery({
    queryKey: ['alerts'],
    queryFn: ({ signal }) => api.read<AlertsAnswer>('/v1/alerts', { signal }),
    refetchInterval: REFETCH_MS,
  })
  const alerts = [...(answer.data?.alerts ?? [])].sort((a, b) => rank(a) - rank(b))
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="alerts">
      <h2 id="alerts" className="font-semibold">
        Alert rules
      </h2>
      <p className="mt-0.5 mb-2 text-[0.8125rem] text-soft">
        {answer.data && !answer.data.webhook
          ? 'They are told nowhere: set alert_webhook_url to have them posted.'
          : 'What begins to fire, and what is over, is posted to the webhook of the settings.'}
      </p>
      {answer.isPending && (
        <div role="status" aria-label="Loading">
          <Bone className="h-64 w-full" />
        </div>
      )}
      <StaleNote answer={answer} className="mb-2" />
      {answer.isError && !answer.data && (
        <Notice
          title="The alert rules cannot be read"
          error={answer.error}
          onRetry={() => void answer.refetch()}
        />
      )}
      <ul className="divide-y divide-line">
        {alerts.map((alert) => (
          <AlertRow key={alert.name} alert={alert} isOld={isStale(answer)} />
        ))}
      </ul>
    </section>
  )
}

function rank({ firing, phase }: Alert): number {
  if (firing) return 0
  return phase === 'pending' ? 1 : 2
}

interface AlertRowProps {
  readonly alert: Alert
  /** Whether nobody knows how it stands now. */
  readonly isOld: boolean
}

function AlertRow({ alert, isOld }: AlertRowProps) {
  const { name, severity, summary, hold_s, phase, since, detail } = alert
  const { word, className } = CHIPS[phase]
  return (
    <li className="py-3 text-[0.8125rem]" data-alert={name}>
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{formatWord(name)}</span>
        {severity === 'critical' && <span className="chip text-soft">critical</span>}
        {!isOld && <span className={`chip ml-auto ${className}`}>{word}</span>}
      </p>
      <p className="mt-0.5 text-soft">{summary}</p>
      {phase !== 'ok' && (
        <p className="mt-0.5 text-xs">
          {detail}
          {since && `, began ${formatAgo(Date.parse(since), Date.now())}`}
        </p>
      )}
      {hold_s > 0 && (
        <p className="mt-0.5 text-xs text-soft">Told when it has held for {heldOf(hold_s)}.</p>
      )}
    </li>
  )
}

function heldOf(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`
}
