const DASHES = ['', '6 4', '2 3', '8 3 2 3']

/** How a series looks in the drawing: its colour, and its dash or hatch. */
export function Swatch({
  kind,
  place,
}: {
  readonly kind: 'line' | 'bar'
  readonly place: number | 'before'
}) {
  const stroke = place === 'before' ? 'var(--ink-soft)' : `var(--series-${(place % 6) + 1})`
  if (kind === 'bar') {
    return (
      <span
        aria-hidden="true"
        className="swatch size-2.5 shrink-0 rounded-xs"
        style={{ background: place === 0 ? stroke : hatched(stroke) }}
      />
    )
  }
  const dash = place === 'before' ? '3 3' : DASHES[place % DASHES.length]!
  return (
    <svg aria-hidden="true" width={16} height={4} className="swatch shrink-0">
      <line x2={16} y1={2} y2={2} stroke={stroke} strokeWidth={2} strokeDasharray={dash} />
    </svg>
  )
}

function hatched(color: string): string {
  return `repeating-linear-gradient(-45deg, ${color} 0 2px, transparent 2px 4px)`
}
