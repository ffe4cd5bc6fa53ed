import { isNotOffered } from '../data/api.ts'

interface NoticeProps {
  readonly title: string
  /** In words, where it is not an error that tells. */
  readonly text?: string
  readonly error?: Error | null
  readonly onRetry?: (() => void) | undefined
}

/** What went wrong, in words, and the way to try again; calmly where the server does not offer it at all. */
export function Notice({ title, text, error, onRetry }: NoticeProps) {
  if (isNotOffered(error)) {
    return (
      <div role="status" className="card p-4">
        <p className="font-semibold">Not to be had here</p>
        <p className="mt-1 text-sm text-soft">
          {title}: the server that this shop runs on does not offer it. Everything else is as it
          was.
        </p>
      </div>
    )
  }
  return (
    <div role="alert" className="card p-4">
      <p className="font-semibold text-bad">{title}</p>
      <p className="mt-1 text-sm text-soft">{text ?? error?.message}</p>
      {onRetry && (
        <button type="button" onClick={onRetry} className="button mt-3">
          Try again
        </button>
      )}
    </div>
  )
}
