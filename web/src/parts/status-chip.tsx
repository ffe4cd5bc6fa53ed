import { statusWord } from '../data/format.ts'

const CHIPS: { readonly [status: string]: string } = {
  created: 'text-soft',
  paid: 'chip-good',
  shipped: 'chip-accent',
  delivered: 'chip-accent',
  cancelled: 'chip-bad',
  refunded: 'chip-warn',
  partially_refunded: 'chip-warn',
}

/** How far an order has come. */
export function StatusChip({ status }: { readonly status: string }) {
  return <span className={`chip ${CHIPS[status] ?? ''}`}>{statusWord(status)}</span>
}
