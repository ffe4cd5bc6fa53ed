import type { Product } from './catalogue.ts'
import { beginCheckout, type CheckoutEnd } from './checkout.ts'
import { cartPause } from './people.ts'
import type { Random } from './random.ts'
import type { SearchPlace } from './searching.ts'
import { cartOf, pageOf, reach, report, type Visit } from './visit.ts'
import { amount, later, today, type World } from './world.ts'

/** Chance to put a product of middling quality into the cart after seeing it. */
const ADD_APPEAL = 0.08
const THINK_MEDIAN_MS = 13_000
const THINK_MAX_MS = 15 * 60_000
const STEPS_LIMIT = 60
const RESUME_CHANCE = 0.2
const SIGNUP_CHANCE = 0.012

/** A visit on its way through the shop, and who wants to know how it ends. */
export interface Course {
  readonly world: World
  readonly visit: Visit
  /** The visitor means to come back for the cart, after the pause. */
  onAbandoned(visit: Visit, pause_ms: number): void
  onOrdered(visit: Visit): void
}

type Step = (course: Course) => void

/** A way on from a page: its weight against the others, and where it leads; undefined leads out. */
type Way = readonly [weight: number, step: Step | undefined]

/** Shows the landing page of a visit and lets it take its course: a Markov chain whose weights depend on who walks. */
export function land(course: Course): void {
  const { random, catalogue } = course.world
  const draw = random.next()
  if (draw < 0.42) home(course)
  else if (draw < 0.62) category(course)
  else view(course, catalogue.chooseProduct(random))
}

function go(course: Course, ways: readonly Way[]): void {
  const { world, visit } = course
  const step = visit.steps++ < STEPS_LIMIT ? choose(world.random, ways) : undefined
  if (step) later(world, thinkTime(world.random), () => step(course))
  else leave(course)
}

function choose(random: Random, ways: readonly Way[]): Step | undefined {
  let total = 0
  for (const [weight] of ways) total += weight
  let left = random.next() * total
  for (const [weight, step] of ways) {
    left -= weight
    if (left < 0) return step
  }
  return undefined
}

function thinkTime(random: Random): number {
  return Math.min(THINK_MAX_MS, 800 + random.logNormal(THINK_MEDIAN_MS, 0.95))
}

function leave(course: Course): void {
  const { world, visit } = course
  const { random } = world
  if (random.chance(SIGNUP_CHANCE)) {
    const properties = { list: random.pick(['weekly', 'new_arrivals']) }
    report(world, visit, 'custom_event', visit.page, { name: 'newsletter_signup', properties })
  }
  if (visit.cart && visit.cart.lines.size > 0 && random.chance(RESUME_CHANCE)) {
    course.onAbandoned(visit, cartPause(world))
  }
}

function home(course: Course): void {
  const { random, catalogue } = course.world
  report(course.world, course.visit, 'page_view', '/', { title: 'Home' })
  go(course, [
    [0.16, search],
    [0.36, category],
    [0.2, (next) => click(next, catalogue.chooseProduct(random), { list: 'home' })],
    [0.28, undefined],
  ])
}

function category(course: Course): void {
  const { random, catalogue } = course.world
  const shown = catalogue.categories[catalogue.chooseCategory(random)]!
  report(course.world, course.visit, 'page_view', `/c/${shown.slug}`, { title: shown.name })
  const clicked = shown.members[shown.choose(random)]!
  go(course, [
    [0.46, (next) => click(next, clicked, { list: 'category' })],
    [0.13, category],
    [0.07, search],
    [0.34, undefined],
  ])
}

function search(course: Course): void {
  const { world, visit } = course
  const { search_term, results } = world.search(world.random)
  const page = `/search?q=${encodeURIComponent(search_term)}`
  report(world, visit, 'search', page, { search_term, results: results.length })
  const day = today(world, visit.skew_ms)
  day.searches++
  if (results.length === 0) day.no_result_searches++
  const position = Math.min(results.length, 1 + Math.floor(world.random.exponential(1.6)))
  const clicked = results[position - 1]
  const found: SearchPlace = { list: 'search', position: Math.max(1, position), search_term }
  go(course, [
    [clicked === undefined ? 0 : 0.56, (next) => click(next, clicked!, found)],
    [clicked === undefined ? 0.35 : 0.14, search],
    [0.1, category],
    [0.26, undefined],
  ])
}

function click(course: Course, index: number, place: Partial<SearchPlace>): void {
  tap(course, index, place)
  later(course.world, course.world.random.between(250, 1500), () => view(course, index))
}

function tap({ world, visit }: Course, index: number, place: Partial<SearchPlace>): void {
  const { product_id } = world.catalogue.products[index]!
  const position = place.position ?? 1 + Math.floor(world.random.exponential(4))
  report(world, visit, 'product_click', visit.page, { product_id, ...place, position })
}

function view(course: Course, index: number): void {
  const product = show(course, index)
  const { random } = course.world
  const appeal = Math.min(0.6, ADD_APPEAL * course.visit.intent * (0.45 + product.quality / 7))
  const companion = product.companions.length > 0 ? random.pick(product.companions) : index
  go(course, [
    [appeal, (next) => add(next, index)],
    [0.2, category],
    [0.14, (next) => click(next, companion, { list: 'bought_together' })],
    [0.07, search],
    [0.04, home],
    [0.48 - appeal / 2, undefined],
  ])
}

function show({ world, visit }: Course, index: number): Product {
  const product = world.catalogue.products[index]!
  report(world, visit, 'product_view', pageOf(product), {
    product_id: product.product_id,
    name: product.name,
    category: product.category,
    price: amount(product.price),
    currency: world.currency,
  })
  world.truth.product(product.product_id).views++
  reach(world, visit, 'product_view')
  return product
}

function add(course: Course, index: number): void {
  const { world, visit } = course
  const { random } = world
  const product = world.catalogue.products[index]!
  const cart = cartOf(world, visit)
  const held = cart.lines.get(index) ?? 0
  const wanted = random.chance(0.82) ? 1 : random.integer(2, 4)
  if (world.stock[index]! < held + wanted) {
    soldOut(course, product)
    return
  }
  cart.lines.set(index, held + wanted)
  report(world, visit, 'add_to_cart', pageOf(product), lineOf(course, index, wanted))
  world.truth.product(product.product_id).cart_adds++
  reach(world, visit, 'add_to_cart')
  const companions = product.companions.filter((other) => !cart.lines.has(other))
  go(course, [
    [0.42 * Math.min(1.6, visit.intent), openCart],
    [companions.length > 0 ? 0.3 : 0, (next) => temptWith(next, random.pick(companions))],
    [0.2, category],
    [0.26, undefined],
  ])
}

/** Shown beside the cart and often taken at once: what belongs together ends in one order. */
function temptWith(course: Course, index: number): void {
  tap(course, index, { list: 'cart_suggestion' })
  later(course.world, course.world.random.between(250, 1500), () => {
    show(course, index)
    go(course, [
      [0.55, (next) => add(next, index)],
      [0.3, openCart],
      [0.15, undefined],
    ])
  })
}

function soldOut(course: Course, product: Product): void {
  course.world.truth.product(product.product_id).lost_sales++
  go(course, [
    [0.4, category],
    [0.15, search],
    [0.45, undefined],
  ])
}

/** Looks into the cart; also where a visit for a cart of an earlier day begins. */
export function openCart(course: Course): void {
  const { visit } = course
  report(course.world, visit, 'page_view', '/cart', { title: 'Cart' })
  const isFilled = (visit.cart?.lines.size ?? 0) > 0
  go(course, [
    [isFilled ? 0.52 * Math.min(1.5, visit.intent) : 0, checkout],
    [isFilled ? 0.1 : 0, remove],
    [0.16, category],
    [0.3, undefined],
  ])
}

function checkout(course: Course): void {
  const end: CheckoutEnd = { onOrdered: course.onOrdered, onLeft: () => leave(course) }
  beginCheckout(course.world, course.visit, end)
}

function remove(course: Course): void {
  const { world, visit } = course
  const { lines } = visit.cart!
  const [index, quantity] = world.random.pick([...lines])
  report(world, visit, 'remove_from_cart', '/cart', lineOf(course, index, quantity))
  lines.delete(index)
  go(course, [
    [lines.size > 0 ? 0.4 : 0, openCart],
    [0.3, category],
    [0.3, undefined],
  ])
}

function lineOf({ world, visit }: Course, index: number, quantity: number) {
  const product = world.catalogue.products[index]!
  return {
    product_id: product.product_id,
    quantity,
    price: amount(product.price),
    currency: world.currency,
    category: product.category,
    cart_id: visit.cart!.cart_id,
  }
}
