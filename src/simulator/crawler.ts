import { pageOf, SHOP_URL } from './visit.ts'
import { BOT_USER_AGENTS } from './visitor-data.ts'
import { amount, later, nextId, type Sender, send, type World } from './world.ts'

/** A program reads some pages, faster than people do, and says what it is. */
export function crawl(world: World): void {
  const { random } = world
  world.truth.counts.bots++
  const sender: Sender = {
    session_id: nextId(world, 'sess'),
    anonymous_id: nextId(world, 'anon'),
    user_agent: random.pick(BOT_USER_AGENTS),
  }
  read(world, sender, random.integer(3, 30))
}

function read(world: World, sender: Sender, pages: number): void {
  const { random, catalogue } = world
  if (random.chance(0.3)) {
    const { name, slug } = random.pick(catalogue.categories)
    const page_url = `${SHOP_URL}/c/${slug}`
    send(world, 'browser', 'page_view', { ...sender, page_url }, { title: name })
  } else {
    const product = random.pick(catalogue.products)
    const page_url = `${SHOP_URL}${pageOf(product)}`
    send(
      world,
      'browser',
      'product_view',
      { ...sender, page_url },
      {
        product_id: product.product_id,
        name: product.name,
        category: product.category,
        price: amount(product.price),
        currency: world.currency,
      },
    )
  }
  if (pages > 1) later(world, random.between(400, 4000), () => read(world, sender, pages - 1))
}
