import type { Catalogue } from './catalogue.ts'
import { CATEGORIES, NOT_SOLD } from './catalogue-data.ts'
import { createChooser, type Random } from './random.ts'

/** One search: what was typed, and which products were shown, best sellers first. */
export interface Search {
  readonly search_term: string
  /** Indices of products. */
  readonly results: readonly number[]
}

/** Where in the results something was clicked; position counts from 1. */
export interface SearchPlace {
  readonly list: string
  readonly position: number
  readonly search_term: string
}

const TYPO_CHANCE = 0.11
/** How often the shop's search sees through a typo. */
const FORGIVEN_CHANCE = 0.45
const NOT_SOLD_CHANCE = 0.06

/** What visitors type: nouns, brands and categories by how much is sold of them, with typos, and things not sold here. */
export function createSearches(catalogue: Catalogue): (random: Random) => Search {
  const terms = [...termsOf(catalogue)].map((term) => ({ term, results: find(catalogue, term) }))
  const found = terms.filter(({ results }) => results.length > 0)
  const choose = createChooser(
    found.map(({ results }) => 1 / catalogue.products[results[0]!]!.rank + 0.01),
  )
  return (random) => {
    if (random.chance(NOT_SOLD_CHANCE)) return { search_term: random.pick(NOT_SOLD), results: [] }
    const { term, results } = found[choose(random)]!
    if (!random.chance(TYPO_CHANCE)) return { search_term: term, results }
    const isForgiven = random.chance(FORGIVEN_CHANCE)
    return { search_term: misspelt(random, term), results: isForgiven ? results : [] }
  }
}

function termsOf(catalogue: Catalogue): Set<string> {
  const terms = new Set<string>()
  for (const category of CATEGORIES) {
    for (const [noun] of category.nouns) terms.add(noun.toLowerCase())
    for (const brand of category.brands) terms.add(brand.toLowerCase())
  }
  for (const { name } of catalogue.products.slice(0, 40)) terms.add(name.toLowerCase())
  return terms
}

function find(catalogue: Catalogue, term: string): number[] {
  const { products } = catalogue
  return products
    .flatMap((product, index) => (product.name.toLowerCase().includes(term) ? [index] : []))
    .sort((left, right) => products[left]!.rank - products[right]!.rank)
}

/** The term with two letters swapped, one lost, or one typed twice. */
function misspelt(random: Random, term: string): string {
  const at = random.integer(1, Math.max(1, term.length - 2))
  const [before, here, next, after] = [
    term.slice(0, at),
    term.charAt(at),
    term.charAt(at + 1),
    term.slice(at + 2),
  ]
  return random.pick([
    `${before}${next}${here}${after}`,
    `${before}${next}${after}`,
    `${before}${here}${here}${next}${after}`,
  ])
}
