import { tombstoneKey } from '../pipeline/erase.ts'
import { keyedHash } from '../pipeline/keyed-hash.ts'
import type { StoreReader } from '../ports.ts'
import { ERASED_PREFIX } from '../schema/erased.ts'

const HEX_DIGITS = 24

/**
 * What stands in place of a customer from their erase on, however often it is asked for: what the store has given them before, else what
 * follows from the secret, since two requests may come before the store has seen the first. Rejects with store_unavailable.
 */
export async function erasedIdOf(
  store: Pick<StoreReader, 'get'>,
  secret: Uint8Array,
  customer_id: string,
): Promise<string> {
  const key = tombstoneKey(secret, 'customer', customer_id)
  const kept = (await store.get('tombstones', key))?.erased_id
  if (typeof kept === 'string') return kept
  return `${ERASED_PREFIX}${keyedHash(secret, `erased:${customer_id}`).slice(0, HEX_DIGITS)}`
}
