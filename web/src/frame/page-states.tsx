import type { ErrorComponentProps } from '@tanstack/react-router'
import { messageOf } from '../data/api.ts'
import { Notice } from '../parts/notice.tsx'
import { Bone } from '../parts/skeleton.tsx'
import { PageLink } from './page-link.tsx'

/** While a page's code is fetched. */
export function PagePending() {
  return (
    <div role="status" aria-label="Loading" className="grid gap-4">
      <Bone className="h-24 w-full" />
      <Bone className="h-80 w-full" />
    </div>
  )
}

/** A page that broke leaves the frame standing. */
export function PageError({ error, reset }: ErrorComponentProps) {
  return <Notice title="This page could not be shown" text={messageOf(error)} onRetry={reset} />
}

/** Where the frame itself broke: what happened, and a way back that loads everything anew and leaves the address behind. */
export function FrameError({ error, reset }: ErrorComponentProps) {
  return (
    <main className="mx-auto grid max-w-xl gap-4 p-6">
      <h1 className="text-lg font-semibold">The console stopped</h1>
      <Notice title="It could not be shown" text={messageOf(error)} onRetry={reset} />
      <p>
        <a href="/" className="button">
          Go to Home
        </a>
      </p>
    </main>
  )
}

export function PageMissing() {
  return (
    <div className="card mx-auto mt-10 max-w-md p-6 text-center">
      <h1 className="text-lg font-semibold">There is no such page</h1>
      <p className="mt-1 text-sm text-soft">The address may be old, or mistyped.</p>
      <PageLink to="/" className="button mt-4">
        Go to Home
      </PageLink>
    </div>
  )
}
