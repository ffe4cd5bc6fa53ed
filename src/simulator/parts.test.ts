import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAgenda } from './agenda.ts'
import { createCalendar, HOUR_MS } from './calendar.ts'
import { createCatalogue } from './catalogue.ts'
import { createChooser, createRandom } from './random.ts'
import { createSearches } from './searching.ts'

describe('agenda', () => {
  it('gives entries by time, and those of one time in the order of scheduling', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
        const agenda = createAgenda<readonly [number, number]>()
        times.forEach((at, order) => {
          agenda.schedule(at, [at, order])
        })
        const taken = times.map(() => agenda.take()!)
        const sorted = times
          .map((at, order) => [at, order] as const)
          .sort((left, right) => left[0] - right[0] || left[1] - right[1])
        expect(taken).toEqual(sorted)
        expect(agenda.take()).toBeUndefined()
        expect(agenda.nextAt()).toBe(Number.POSITIVE_INFINITY)
      }),
    )
  })
})

describe('random', () => {
  it('repeats itself for one seed and stream only', () => {
    const draws = (seed: number, stream: number) => {
      const random = createRandom(seed, stream)
      return Array.from({ length: 5 }, () => random.next())
    }
    expect(draws(1, 1)).toEqual(draws(1, 1))
    expect(draws(1, 1)).not.toEqual(draws(1, 2))
    expect(draws(1, 1)).not.toEqual(draws(2, 1))
  })

  it('has the means that it says', () => {
    const random = createRandom(3, 1)
    const mean = (draw: () => number) =>
      Array.from({ length: 20_000 }, draw).reduce((sum, value) => sum + value, 0) / 20_000
    expect(mean(() => random.exponential(8))).toBeCloseTo(8, 0)
    expect(mean(() => random.poisson(3.5))).toBeCloseTo(3.5, 1)
    expect(mean(() => random.poisson(80))).toBeCloseTo(80, 0)
    expect(mean(() => Math.log(random.logNormal(20, 0.5)))).toBeCloseTo(Math.log(20), 1)
    expect(mean(() => random.integer(1, 6))).toBeCloseTo(3.5, 1)
  })

  it('chooses by weight', () => {
    const random = createRandom(5, 1)
    const choose = createChooser([1, 0.5, 6, 2.5])
    const counts = [0, 0, 0, 0]
    for (let draw = 0; draw < 40_000; draw++) counts[choose(random)]!++
    const shares = counts.map((count) => count / 40_000)
    for (const [index, expected] of [0.1, 0.05, 0.6, 0.25].entries()) {
      expect(shares[index]).toBeCloseTo(expected, 1)
    }
  })
})

describe('calendar', () => {
  it('knows local days on both sides of midnight and of a clock change', () => {
    const calendar = createCalendar('America/New_York')
    expect(calendar.dateOf(Date.parse('2025-03-09T04:59:59Z'))).toBe('2025-03-08')
    expect(calendar.dateOf(Date.parse('2025-03-09T05:00:00Z'))).toBe('2025-03-09')
    expect(calendar.dateOf(Date.parse('2025-03-10T03:59:59Z'))).toBe('2025-03-09')
    expect(calendar.dateOf(Date.parse('2025-03-10T04:00:00Z'))).toBe('2025-03-10')
    expect(createCalendar('Asia/Kathmandu').dateOf(Date.parse('2025-01-01T18:15:00Z'))).toBe(
      '2025-01-02',
    )
    expect(() => createCalendar('Mars/Olympus')).toThrow(RangeError)
  })

  it('has a mean of about one over an ordinary year, and a busy cyber week', () => {
    const calendar = createCalendar('UTC')
    const from = Date.parse('2025-01-01T00:00:00Z')
    let total = 0
    for (let hour = 0; hour < 365 * 24; hour++) total += calendar.busyness(from + hour * HOUR_MS)
    expect(total / (365 * 24)).toBeCloseTo(1, 1)
    const noon = (date: string) => calendar.busyness(Date.parse(`${date}T12:00:00Z`))
    const before = noon('2025-11-21')
    expect(noon('2025-11-28') / before).toBeGreaterThan(1.5)
    expect(noon('2025-12-01') / noon('2025-12-08')).toBeGreaterThan(1.5)
    expect(noon('2025-12-02') / noon('2025-12-09')).toBe(1)
    expect(noon('2025-11-27') / noon('2025-11-20')).toBeGreaterThan(1.5)
    expect(noon('2025-11-26') / noon('2025-11-19')).toBe(1)
  })
})

describe('catalogue', () => {
  it('has products with names of their own, a margin, and companions in both directions', () => {
    const { products, categories } = createCatalogue(9, 200)
    expect(new Set(products.map((product) => product.name)).size).toBe(200)
    expect(new Set(products.map((product) => product.rank)).size).toBe(200)
    expect(categories).toHaveLength(8)
    for (const [index, product] of products.entries()) {
      expect(product.price).toBeGreaterThan(product.cost)
      expect(product.price % 100).toBe(0)
      expect(product.companions).toHaveLength(3)
      for (const other of product.companions) {
        expect(products[other]!.companions).toContain(index)
      }
    }
  })

  it('works for one product', () => {
    const { products, categories } = createCatalogue(1, 1)
    expect(products).toHaveLength(1)
    expect(categories).toHaveLength(1)
  })
})

describe('searches', () => {
  it('find products that say so in their name, with typos and without results now and then', () => {
    const catalogue = createCatalogue(2, 200)
    const search = createSearches(catalogue)
    const random = createRandom(2, 1)
    const made = Array.from({ length: 3000 }, () => search(random))
    const empty = made.filter(({ results }) => results.length === 0)
    expect(empty.length / made.length).toBeGreaterThan(0.06)
    expect(empty.length / made.length).toBeLessThan(0.18)
    const plain = made.filter(
      ({ search_term, results }) =>
        results.length > 0 &&
        results.every((index) =>
          catalogue.products[index]!.name.toLowerCase().includes(search_term),
        ),
    )
    expect(plain.length / made.length).toBeGreaterThan(0.75)
  })
})
