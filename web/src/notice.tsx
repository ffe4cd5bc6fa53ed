interface NoticeProps {
  readonly title: string
  readonly text: string
  readonly onRetry?: () => void
}

/** What went wrong, in words, and the way to try again. */
export function Notice({ title, text, onRetry }: NoticeProps) {
  return (
    <div role="alert" className="rounded-xl border border-line bg-surface p-4">
      <p className="font-semibold text-bad">{title}</p>
      <p className="mt-1 text-sm text-soft">{text}</p>
      {onRetry && (
        <button
          type="button"
          onClick={onRetry}
          className="mt-3 min-h-11 rounded-lg border border-line px-4 text-sm font-medium"
        >
          Try again
        </button>
      )}
    </div>
  )
}
