import { expect, test } from 'vitest'
import { createBucketLakeWriter } from '../../src/consume/bucket-lake.ts'
import { ShoplakeError } from '../../src/errors.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { ledgerOf } from '../../src/pipeline/ledger-shares.ts'
import { encodeRecord, type GroupName } from '../../src/pipeline/record.ts'
import { tombstoneRecords } from '../../src/pipeline/tombstone-record.ts'
import type { LakeSink } from '../../src/ports.ts'
import { sums } from '../contract/lake.ts'
import { DEFAULTS } from '../door-fixture.ts'
import { RECEIVED, viewLine } from '../lake-fixture.ts'
import { createMemoryBucketStore } from '../memory-bucket-store.ts'
import { SECRET } from './store-rows.ts'

/** Takes every row but those with a price that is none. */
function createSink(): LakeSink<string> {
  const isBad = ({ line }: { line: Uint8Array }) => Buffer.from(line).includes('"much"')
  return {
    async commit(_, rows) {
      if (!rows.product_view?.some(isBad)) return 'applied'
      throw new ShoplakeError('encoder_refused', 'much is no price')
    },
    probe: async (_, rows) => (rows.some(isBad) ? 'much is no price' : undefined),
  }
}

function recordOf(sequence: string, id: string, fields: { [name: string]: unknown }) {
  const line = viewLine(id, { price: 'much', ...fields })
  const header = {
    request_id: id,
    received_at: RECEIVED,
    source: 'web',
    source_kind: 'browser' as const,
    dedup_from: 0,
    duplicates: {},
    rejected: {},
  }
  const group: GroupName = 'product_view'
  const data = encodeRecord(header, [{ group, line, id_hash: '0123456789abcdef' }])
  return { bucket: 0, sequence, data }
}

test('of refused rows of an erased person no id is kept, be they refused before, with or after the tombstone', async () => {
  const store = createMemoryBucketStore(1)
  const writer = createBucketLakeWriter({
    ...{ lake: createSink(), store, config: DEFAULTS, secret: SECRET, metrics: NO_METRICS },
    now: () => RECEIVED,
  })
  const person = { customer_id: '7', anonymous_ids: ['a7'] }
  const tombstone = { ...person, erased_id: 'erased:7', requested_at: RECEIVED }
  const [buried] = tombstoneRecords(tombstone, 0, 1)
  await writer.take([
    recordOf('1', 'other', { customer_id: '17', product_id: 'prod_7' }),
    recordOf('2', 'before', { customer_id: '7' }),
  ])
  await writer.take([
    recordOf('3', 'with', { customer_id: '7' }),
    { bucket: 0, sequence: '4', data: buried!.data },
  ])
  await writer.take([recordOf('5', 'after', { anonymous_id: 'a7' })])
  const letters = store.shares('lake_refused').map(({ document }) => document!)
  expect(letters).toHaveLength(4)
  expect(JSON.stringify(letters)).not.toMatch(/\\"a?7\\"/)
  expect(letters.filter(({ raw }) => raw === '')).toHaveLength(1)
  expect(letters.map(({ index }) => index)).toEqual([0, 0, 0, 0])
  expect(sums(ledgerOf(store.shares('lake_ledger')))).toEqual({ not_encodable: 4 })
})
