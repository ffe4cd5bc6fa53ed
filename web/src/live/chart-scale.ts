const STEPS = [1, 2, 3, 4, 5, 6, 8, 10]

/** The end of an axis from 0 that holds `highest`: a round number whose half is whole too, or 1; 0 where all is 0. */
export function axisTop(highest: number): number {
  if (highest <= 0) return 0
  const power = 10 ** Math.floor(Math.log10(Math.max(1, highest)))
  const fits = (top: number) => top >= highest && (top === 1 || top % 2 === 0)
  return STEPS.map((step) => step * power).find(fits) ?? 10 * power
}

/** Where an axis is labelled; a half of 1 would mean nothing where one counts. */
export function axisTicks(top: number): readonly number[] {
  if (top === 0) return []
  return top < 2 ? [top] : [top / 2, top]
}

/** The y axis of a plot, from 0 to `top`. */
export interface Scale {
  readonly top: number
  readonly text: (value: number) => string
  /** Pixels above `top` that stay free. */
  readonly room: number
}

/** Pixels from the upper edge of a plot of that height. */
export function yOf(scale: Scale, value: number, height: number): number {
  return height - (value / (scale.top || 1)) * (height - scale.room)
}
