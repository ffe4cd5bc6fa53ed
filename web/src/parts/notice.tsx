interface NoticeProps {
  readonly title: string
  readonly text: string
  readonly onRetry?: () => void
}

/** What went wrong, in words, and the way to try again. */
export function Notice({ title, text, onRetry }: NoticeProps) {
  return (
    <div role="alert" className="card p-4">
      <p className="font-semibold text-bad">{title}</p>
      <p className="mt-1 text-sm text-soft">{text}</p>
      {onRetry && (
        <button type="button" onClick={onRetry} className="button mt-3">
          Try again
        </button>
      )}
    </div>
  )
}
