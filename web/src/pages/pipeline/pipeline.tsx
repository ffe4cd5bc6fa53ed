import { Page } from '../../frame/page.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Bone } from '../../parts/skeleton.tsx'
import { isStale, StaleNote } from '../../parts/stale-note.tsx'
import { Courses } from '../../pipeline/courses.tsx'
import { Flow } from '../../pipeline/flow.tsx'
import { Checks, Disk, Processes } from '../../pipeline/machine.tsx'
import { usePipeline } from '../../pipeline/pipeline-data.ts'

/** How the pipeline runs: what flows, how fast, how far behind, and what it runs on. */
export function Pipeline() {
  const pipeline = usePipeline()
  const { data: state } = pipeline
  const isOld = isStale(pipeline)
  return (
    <Page title="Pipeline" aside={state && !isOld && <Ready isReady={state.health.ready} />}>
      {pipeline.isError && !state && (
        <Notice
          title="The pipeline cannot be looked at"
          error={pipeline.error}
          onRetry={() => void pipeline.refetch()}
        />
      )}
      {pipeline.isPending && (
        <div role="status" aria-label="Loading" className="grid gap-4">
          <Bone className="h-72 w-full" />
          <Bone className="h-64 w-full" />
        </div>
      )}
      <StaleNote answer={pipeline} />
      {state && (
        // The colours are verdicts, which nobody gives while nobody answers.
        <div className={`grid grid-cols-1 gap-4 ${isOld ? 'grayscale' : ''}`}>
          <Flow state={state} />
          <Courses state={state} />
          <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2 xl:grid-cols-3">
            <Processes state={state} />
            <Checks state={state} />
            <Disk state={state} />
          </div>
        </div>
      )}
    </Page>
  )
}

function Ready({ isReady }: { readonly isReady: boolean }) {
  return (
    <output className={`chip ${isReady ? 'chip-good' : 'chip-bad'}`}>
      {isReady ? '✓ takes events' : '✗ refuses events'}
    </output>
  )
}
