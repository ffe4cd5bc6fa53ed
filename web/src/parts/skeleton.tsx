import type { CSSProperties } from 'react'

/** A grey shape in place of what is on its way. */
export function Bone({
  className,
  style,
}: {
  readonly className: string
  readonly style?: CSSProperties
}) {
  return (
    <div className={`rounded-lg bg-line/70 motion-safe:animate-pulse ${className}`} style={style} />
  )
}
