import { ProblemError } from '../../data/api.ts'
import { Notice } from '../../parts/notice.tsx'
import { Bone } from '../../parts/skeleton.tsx'

interface ThingStatesProps {
  /** "order", "product", "customer". */
  readonly noun: string
  readonly id: string
  readonly error: Error | null
  readonly onRetry: () => void
}

/** While one thing is on its way, or when there is none. */
export function ThingStates({ noun, id, error, onRetry }: ThingStatesProps) {
  if (!error) {
    return (
      <div role="status" aria-label="Loading" className="grid gap-4">
        <Bone className="h-24 w-full" />
        <Bone className="h-64 w-full" />
      </div>
    )
  }
  if (error instanceof ProblemError && error.problem.status === 404) {
    return (
      <div className="card p-5 text-sm">
        <p className="font-medium">There is no {noun} with this id.</p>
        <p className="mt-1 text-soft">
          <span className="font-mono break-all">{id}</span> may be mistyped, or its events have not
          come yet.
        </p>
      </div>
    )
  }
  return <Notice title={`The ${noun} cannot be read`} error={error} onRetry={onRetry} />
}
