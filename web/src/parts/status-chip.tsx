const STATUS: { readonly [status: string]: { readonly word: string; readonly chip: string } } = {
  created: { word: 'placed', chip: 'text-soft' },
  paid: { word: 'paid', chip: 'chip-good' },
  shipped: { word: 'shipped', chip: 'chip-accent' },
  delivered: { word: 'delivered', chip: 'chip-accent' },
  cancelled: { word: 'cancelled', chip: 'chip-bad' },
  refunded: { word: 'refunded', chip: 'chip-warn' },
  partially_refunded: { word: 'partly refunded', chip: 'chip-warn' },
}

/** How far an order has come. */
export function StatusChip({ status }: { readonly status: string }) {
  const { word, chip } = STATUS[status] ?? { word: status.replaceAll('_', ' '), chip: '' }
  return <span className={`chip ${chip}`}>{word}</span>
}
