/** Lines over the same moments, one panel below the other. */
export interface Panel {
  readonly title: string
  readonly unit: string
  /** By name; a value that is missing is left out of its line. */
  readonly series: { readonly [name: string]: readonly (number | undefined)[] }
}

const WIDTH = 960
const HEIGHT = 150
const LEFT = 70
const RIGHT = 130
const GAP = 56
const COLOURS = ['#2563eb', '#dc2626', '#059669', '#d97706', '#7c3aed', '#475569']

/** An SVG of the panels; `seconds` are the moments since the start, rising. */
export function plot(title: string, seconds: readonly number[], panels: readonly Panel[]): string {
  const height = 40 + panels.length * (HEIGHT + GAP)
  const parts = panels.map((panel, index) => drawPanel(panel, seconds, 60 + index * (HEIGHT + GAP)))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${LEFT}" y="24" font-size="15" font-weight="600">${escaped(title)}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n')
}

function drawPanel(
  { title, unit, series }: Panel,
  seconds: readonly number[],
  top: number,
): string {
  const values = Object.values(series).flat().filter(isKnown)
  const most = niceTop(Math.max(0, ...values))
  const end = seconds.at(-1) || 1
  const x = (at: number) => LEFT + (at / end) * (WIDTH - LEFT - RIGHT)
  const y = (value: number) => top + HEIGHT * (1 - value / most)
  const lines = Object.entries(series).map(([name, list], index) => {
    const colour = COLOURS[index % COLOURS.length]!
    const points = list.flatMap((value, at) =>
      !isKnown(value) ? [] : [`${x(seconds[at]!).toFixed(1)},${y(value).toFixed(1)}`],
    )
    const label = `<text x="${WIDTH - RIGHT + 10}" y="${top + 14 + index * 17}" fill="${colour}">${escaped(name)}</text>`
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.4" points="${points.join(' ')}"/>${label}`
  })
  return [
    `<text x="${LEFT}" y="${top - 8}" font-weight="600">${escaped(title)}, ${escaped(unit)}</text>`,
    ...[0, 0.5, 1].map((share) => gridLine(y(most * share), shown(most * share))),
    ...[0, 0.25, 0.5, 0.75, 1].map((share) => timeMark(x(end * share), top + HEIGHT, end * share)),
    ...lines,
  ].join('\n')
}

function gridLine(y: number, label: string): string {
  return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="#e2e8f0"/><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end" fill="#64748b">${label}</text>`
}

function timeMark(x: number, y: number, seconds: number): string {
  const label = seconds < 300 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
  return `<text x="${x}" y="${y + 16}" text-anchor="middle" fill="#64748b">${label}</text>`
}

function isKnown(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value)
}

/** The next of 1, 2 and 5 times a power of ten. */
function niceTop(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power
}

function shown(value: number): string {
  return value >= 1000
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)))
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
