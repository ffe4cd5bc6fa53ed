import { gunzipSync, gzipSync } from 'node:zlib'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { StoreDocument } from '../ports.ts'
import type { BucketTable, Share, ShareWrite } from '../share-ports.ts'
import { sequenceNumber, sequenceText } from './sequence.ts'

/**
 * The one DynamoDB table. An item is one bucket's share of one document:
 *
 *   pk          `<table>#<bucket>`, such as `orders#07`: what one writer changes lies together and is read in key order
 *   sk          the document's key; no index is needed
 *   seq         last record of the bucket that changed it, a Kinesis sequence number
 *   doc | zip   the share as JSON text, gzipped where it is long; neither where it was deleted
 *   expires_at  seconds since 1970 from which DynamoDB may delete it (TTL); absent for what is kept
 */
export const STORE_KEYS = { partition: 'pk', sort: 'sk', ttl: 'expires_at' } as const

export type Item = Record<string, AttributeValue>

/** Longest keys (Developer Guide, "Constraints in Amazon DynamoDB"). */
export const SORT_KEY_BYTES = 1024
/** JSON text from here on is compressed: an item is paid by the kilobyte, and less than that has room for it beside its keys. */
const ZIP_FROM_BYTES = 850

export function partitionOf(table: BucketTable, bucket: number): string {
  return `${table}#${String(bucket).padStart(2, '0')}`
}

export function keyOf(table: BucketTable, bucket: number, key: string): Item {
  return { pk: { S: partitionOf(table, bucket) }, sk: { S: key } }
}

export function itemOf(bucket: number, write: ShareWrite): Item {
  const { table, key, document, sequence, expires_at } = write
  return {
    ...keyOf(table, bucket, key),
    seq: { S: sequenceNumber(sequence) },
    ...(document !== null && contentOf(JSON.stringify(document))),
    ...(expires_at !== undefined && { expires_at: { N: String(Math.ceil(expires_at / 1000)) } }),
  }
}

/** Bytes of an item (Developer Guide, "Constraints in Amazon DynamoDB"), less those of all that stands beside the document. */
const DOCUMENT_BYTES = 400 * 1024 - 2048

/** Whether a document has room in an item. */
export function fitsItem(document: StoreDocument | null): boolean {
  const text = JSON.stringify(document)
  return Buffer.byteLength(text) <= DOCUMENT_BYTES || gzipSync(text).length <= DOCUMENT_BYTES
}

function contentOf(text: string): Item {
  if (text.length < ZIP_FROM_BYTES) return { doc: { S: text } }
  return { zip: { B: gzipSync(text) } }
}

/** The share of an item, and the bucket that it is of. */
export function shareOf(item: Item): Share & { readonly bucket: number } {
  const [table, bucket] = item.pk!.S!.split('#') as [BucketTable, string]
  return {
    table,
    bucket: Number(bucket),
    key: item.sk!.S!,
    document: documentOf(item),
    sequence: sequenceText(item.seq!.S!),
  }
}

function documentOf({ doc, zip }: Item): StoreDocument | null {
  if (doc) return JSON.parse(doc.S!) as StoreDocument
  if (zip) return JSON.parse(gunzipSync(zip.B!).toString('utf8')) as StoreDocument
  return null
}
