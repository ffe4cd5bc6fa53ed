import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openWholeHome, removeHome } from '../home-fixture.ts'

/** All that names or follows the person. Long and odd enough never to stand in a file by chance. */
const PERSON = {
  customer_id: 'cust-QzXerased-7741',
  anonymous_id: 'anon-QzXbrowser-7742',
  session_id: 'sess-QzXvisit-7743',
  name: 'Quirina Zzyxerton',
  email: 'quirina.zzyxerton@example.org',
  street: 'Zzyx Road 7744',
  extra: 'loyalty-QzX-7745',
}
const TIME = '2026-03-01T09:00:00Z'

const { customer_id, anonymous_id, session_id } = PERSON
const HISTORY = [
  { event_type: 'customer_identified', timestamp: TIME, anonymous_id, customer_id },
  {
    event_type: 'customer_updated',
    timestamp: TIME,
    customer_id,
    name: PERSON.name,
    email: PERSON.email,
  },
  {
    event_type: 'page_view',
    timestamp: TIME,
    session_id,
    anonymous_id,
    page_url: `/welcome?user=${customer_id}`,
    loyalty: PERSON.extra,
  },
  {
    event_type: 'order_created',
    timestamp: TIME,
    order_id: 'ord-1',
    customer_id,
    session_id,
    items: [{ product_id: 'p1', quantity: 2, price: 10 }],
    total_amount: 20,
    shipping_address: { name: PERSON.name, street: PERSON.street, country: 'Vietnam' },
  },
  {
    event_type: 'review_submitted',
    timestamp: TIME,
    review_id: 'rev-1',
    customer_id,
    product_id: 'p1',
    rating: 7,
    review_text: `I am ${PERSON.name}`,
  },
]
const NEIGHBOUR = {
  event_type: 'order_created',
  timestamp: TIME,
  order_id: 'ord-2',
  customer_id: 'cust-other',
  items: [{ product_id: 'p1', quantity: 1, price: 10 }],
  total_amount: 10,
}

/** Files of a directory whose bytes hold one of the texts. */
function filesThatHold(directory: string, texts: readonly string[]): string[] {
  const found: string[] = []
  for (const name of readdirSync(directory, { recursive: true }) as string[]) {
    const file = path.join(directory, name)
    if (!statSync(file).isFile()) continue
    const bytes = readFileSync(file)
    for (const text of texts) if (bytes.includes(text)) found.push(`${name}: ${text}`)
  }
  return found
}

test('an erased person is in no byte of the data directory, and no figure changes', async () => {
  const home = await openWholeHome()
  const sums = 'select count(*), sum(total_amount), count(distinct customer_id) from order_created'
  try {
    const answer = await home.send([...HISTORY, NEIGHBOUR])
    expect(answer).toMatchObject({ accepted: 5, rejected: 1 })
    await home.settle()
    const before = await home.query(sums)
    expect(filesThatHold(home.directory, Object.values(PERSON)).length).toBeGreaterThan(0)

    await home.erase({ customer_id, anonymous_ids: [anonymous_id], erased_id: 'erased:5e1f' })
    await home.settle()
    expect(await home.query(sums)).toEqual(before)
    expect(
      await home.query("select customer_id from order_created where order_id = 'ord-1'"),
    ).toEqual([['erased:5e1f']])

    // Sent again later, under the same ids: a consumer still knows whom it has forgotten.
    await home.send([{ ...HISTORY[2], event_id: 'later', timestamp: '2026-03-02T10:00:00Z' }])
    await home.settle()
    home.pass(60)
    await home.trim()
    await home.send([NEIGHBOUR])
    await home.settle()
    home.pass(60)
    await home.trim()
    expect(filesThatHold(home.directory, Object.values(PERSON))).toEqual([])
    expect(await home.ledger()).toMatchObject({ balanced: true })
  } finally {
    await removeHome(home)
  }
})
