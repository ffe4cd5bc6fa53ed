import { CATEGORIES, type CategoryData, COLOURS } from './catalogue-data.ts'
import { type Chooser, createChooser, createRandom, type Random } from './random.ts'

/** A product of the shop. Money is in ten-thousandths of the shop's currency. */
export interface Product {
  readonly product_id: string
  readonly name: string
  readonly brand: string
  readonly category: string
  readonly slug: string
  /** 1 sells best. Sales follow 1 / rank. */
  readonly rank: number
  /** 1 to 5: what reviewers think of it on average, and how seldom it comes back. */
  readonly quality: number
  /** Other products, by index, that are bought along with it. */
  readonly companions: readonly number[]
  readonly cost: number
  /** Changes with time. */
  price: number
}

export interface Category {
  readonly name: string
  readonly slug: string
  /** Indices of its products. */
  readonly members: readonly number[]
  readonly choose: Chooser
}

export interface Catalogue {
  readonly products: readonly Product[]
  readonly categories: readonly Category[]
  readonly chooseProduct: Chooser
  readonly chooseCategory: Chooser
}

const COMPANY_SIZE = 4
const CENT = 100

/** `count` products in eight categories, the same for the same seed. Popularity follows Zipf's law with exponent 1. */
export function createCatalogue(seed: number, count: number): Catalogue {
  const random = createRandom(seed, 101)
  const ranks = shuffled(random, count)
  const companies = createCompanies(random, count)
  const names = new Set<string>()
  const products = Array.from({ length: count }, (_, index) =>
    createProduct(random, index, ranks[index]! + 1, companies[index]!, names),
  )
  return {
    products,
    categories: CATEGORIES.map((data) => createCategory(data, products)).filter(
      (category) => category.members.length > 0,
    ),
    chooseProduct: createChooser(products.map(popularity)),
    chooseCategory: createChooser(categoryWeights(products)),
  }
}

function popularity(product: Product): number {
  return 1 / product.rank
}

function createProduct(
  random: Random,
  index: number,
  rank: number,
  companions: readonly number[],
  names: Set<string>,
): Product {
  const data = CATEGORIES[index % CATEGORIES.length]!
  const [noun, median] = random.pick(data.nouns)
  const brand = random.pick(data.brands)
  const price = tidyPrice(random.logNormal(median, 0.28))
  const name = uniqueName(random, `${brand} ${random.pick(data.lines)} ${noun}`, names)
  return {
    product_id: `prod_${String(index + 1).padStart(4, '0')}`,
    name,
    brand,
    category: data.name,
    slug: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    rank,
    quality: Math.min(4.9, Math.max(2.2, 5 - random.exponential(0.85))),
    companions,
    cost: Math.round((price * data.cost_share * random.between(0.85, 1.15)) / CENT) * CENT,
    price,
  }
}

function uniqueName(random: Random, base: string, names: Set<string>): string {
  let name = base
  for (let attempt = 0; names.has(name); attempt++) {
    name = `${base}, ${random.pick(COLOURS)}${attempt > 5 ? ` ${attempt}` : ''}`
  }
  names.add(name)
  return name
}

/** Ten-thousandths, ending in .99, .50 or .00 as shops like it. */
function tidyPrice(units: number): number {
  if (units < 10) return Math.max(1, Math.round(units * 2) / 2) * 10_000 - CENT
  return Math.round(units) * 10_000 - (units < 80 ? CENT : 0)
}

/** Groups of products, across categories, that belong together. */
function createCompanies(random: Random, count: number): number[][] {
  const order = shuffled(random, count)
  const companies: number[][] = Array.from({ length: count }, () => [])
  for (let start = 0; start < count; start += COMPANY_SIZE) {
    const group = order.slice(start, start + COMPANY_SIZE)
    for (const index of group) companies[index] = group.filter((other) => other !== index)
  }
  return companies
}

function createCategory(data: CategoryData, products: readonly Product[]): Category {
  const members = products.flatMap((product, index) =>
    product.category === data.name ? [index] : [],
  )
  const choose = createChooser(members.map((index) => popularity(products[index]!)))
  return { name: data.name, slug: data.slug, members, choose }
}

function categoryWeights(products: readonly Product[]): number[] {
  const weights = new Map<string, number>()
  for (const product of products) {
    weights.set(product.category, (weights.get(product.category) ?? 0) + popularity(product))
  }
  return [...weights.values()]
}

/** 0 to count − 1 in random order (Fisher and Yates). */
function shuffled(random: Random, count: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index)
  for (let index = count - 1; index > 0; index--) {
    const other = random.integer(0, index)
    const kept = order[index]!
    order[index] = order[other]!
    order[other] = kept
  }
  return order
}
