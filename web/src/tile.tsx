interface TileProps {
  readonly label: string
  /** Undefined while it loads. */
  readonly value: string | undefined
  readonly note: string
}

/** One number with its name and what it counts. */
export function Tile({ label, value, note }: TileProps) {
  return (
    <div className="rounded-xl border border-line bg-surface p-4">
      <p className="text-sm text-soft">{label}</p>
      {value === undefined ? (
        <p className="my-1 h-8 w-24 animate-pulse rounded bg-line motion-reduce:animate-none">
          <span className="sr-only">loading</span>
        </p>
      ) : (
        <p className="my-1 truncate text-2xl font-semibold tabular-nums" data-testid={label}>
          {value}
        </p>
      )}
      <p className="text-xs text-soft">{note}</p>
    </div>
  )
}
