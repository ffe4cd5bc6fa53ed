/** Share of the highest from which numbers stand in the colour of the ground, not of ink. */
const STRONG = 0.55

/** How a cell of a grid is filled: with so many percent of the first series' colour, on the surface. */
export interface Shade {
  readonly percent: number
  readonly isStrong: boolean
}

/**
 * The shade of a share of the highest, 0 to 1. Between those that carry ink and those that carry the surface's colour lie
 * some on which neither can be read; none of these comes out.
 */
export function shadeOf(share: number): Shade {
  const isStrong = share > STRONG
  return { percent: Math.round(isStrong ? 80 + share * 20 : share * 70), isStrong }
}
