import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { shadeOf } from '../../web/src/chart/shade.ts'

/** What text on its ground needs (WCAG 2.2, 1.4.3). */
const CONTRAST = 4.5

const css = readFileSync(new URL('../../web/src/app.css', import.meta.url), 'utf8')

test.each(['light', 'dark'] as const)(
  'each shade of a grid lets its number be read: %s',
  (theme) => {
    const [fill, surface, ink] = ['series-1', 'surface', 'ink'].map((name) => tokenOf(name, theme))
    for (let step = 0; step <= 1000; step += 1) {
      const { percent, isStrong } = shadeOf(step / 1000)
      const ground = mixed(fill!, surface!, percent / 100)
      const text = linearOf(isStrong ? surface! : ink!)
      expect(contrastOf(text, ground), `${step / 10} %`).toBeGreaterThanOrEqual(CONTRAST)
    }
  },
)

type Triple = readonly [number, number, number]
type Matrix = readonly [Triple, Triple, Triple]

function tokenOf(name: string, theme: 'light' | 'dark'): string {
  const found = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css)
  return found![theme === 'light' ? 1 : 2]!
}

/** Red, green and blue of #rrggbb by their light, 0 to 1 (WCAG 2.2, relative luminance). */
function linearOf(color: string): Triple {
  const part = (place: number) => {
    const value = Number.parseInt(color.slice(place, place + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [part(1), part(3), part(5)]
}

/** Oklab: https://bottosson.github.io/posts/oklab/ */
const TO_CONES: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
]
const FROM_CONES: Matrix = [
  [4.0767416621, -3.3077115913, 0.2309699292],
  [-1.2684380046, 2.6097574011, -0.3413193965],
  [-0.0041960863, -0.7034186147, 1.707614701],
]

/** `color-mix(in oklab)`: Oklab is linear in the cube roots, so they can be mixed themselves. */
function mixed(one: string, other: string, share: number): Triple {
  const roots = (color: string) => times(TO_CONES, linearOf(color)).map(Math.cbrt)
  const [a, b] = [roots(one), roots(other)]
  const cones = a.map((value, place) => (value * share + b[place]! * (1 - share)) ** 3)
  return times(FROM_CONES, cones as unknown as Triple)
}

function times(matrix: Matrix, [a, b, c]: Triple): Triple {
  const line = ([x, y, z]: Triple) => x * a + y * b + z * c
  return [line(matrix[0]), line(matrix[1]), line(matrix[2])]
}

function contrastOf(one: Triple, other: Triple): number {
  const light = [one, other].map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b)
  return (Math.max(...light) + 0.05) / (Math.min(...light) + 0.05)
}
