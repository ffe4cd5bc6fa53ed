const AGENTS = Array.from(
  { length: 200 },
  (_, index) =>
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + (index % 40)}.0.${index}.0 Safari/537.36`,
)
const REFERRERS = ['https://www.google.com/', 'https://shop.example/', 'https://www.facebook.com/']

/** A shop's mix, about 400 bytes each: 55 % views, 25 % orders, 12 % stock, 8 % reviews. All ids differ between rounds. */
export function exampleEvents(count, round) {
  return Array.from({ length: count }, (_, index) => exampleEvent(index, `${round}x${index}`))
}

function exampleEvent(index, id) {
  const timestamp = new Date(Date.now() - (index % 86_400) * 1000).toISOString()
  const share = (index * 37) % 100
  if (share < 55) return view(index, id, timestamp)
  if (share < 80) return order(index, id, timestamp)
  if (share < 92) return stock(index, id, timestamp)
  return review(index, id, timestamp)
}

function view(index, id, timestamp) {
  return {
    event_id: `view-${id}`,
    event_type: 'product_view',
    timestamp,
    session_id: `sess_${index % 5000}`,
    anonymous_id: `anon_${index % 3000}`,
    product_id: `prod_${index % 700}`,
    category: 'Electronics',
    price: 29.99,
    page_url: `https://shop.example/products/laptop-${index % 700}${index % 5 === 0 ? '?utm_source=news&utm_medium=email&utm_campaign=spring' : ''}`,
    referrer: REFERRERS[index % 3],
    user_agent: AGENTS[index % AGENTS.length],
  }
}

function order(index, id, timestamp) {
  const items = Array.from({ length: 1 + (index % 3) }, (_, line) => ({
    product_id: `prod_${(index + line) % 700}`,
    quantity: 1 + (line % 2),
    price: 29.99,
  }))
  const total = items.reduce((sum, item) => sum + item.quantity * 29.99, 0)
  return {
    event_type: 'order_created',
    timestamp,
    order_id: `ord_${id}`,
    customer_id: `cust_${index % 2000}`,
    items,
    total_amount: Number(total.toFixed(2)),
    payment_method: 'credit_card',
    shipping_address: { city: 'Ho Chi Minh City', country: 'Vietnam' },
    email: `person${index % 2000}@example.com`,
  }
}

function stock(index, id, timestamp) {
  return {
    event_id: `stock-${id}`,
    event_type: 'inventory_updated',
    timestamp,
    product_id: `prod_${index % 700}`,
    delta: -1,
    location: 'hanoi',
    reason: 'sale',
  }
}

function review(index, id, timestamp) {
  return {
    event_type: 'review_submitted',
    timestamp,
    review_id: `rev_${id}`,
    customer_id: `cust_${index % 2000}`,
    product_id: `prod_${index % 700}`,
    rating: 1 + (index % 5),
    review_text:
      'An excellent laptop; the keys are quiet, and it arrived a day before it was promised.',
    verified_purchase: true,
  }
}
