/** Kinesis maps partition keys into the range of an MD5 hash: 0 to 2^128 - 1. */
const HASH_RANGE = 2n ** 128n

/**
 * The hash key under which a bucket's records are put: the middle of the bucket's equal share of the range. A bucket so
 * lies in one shard at a time, whatever is split or merged, and its sequence numbers grow: a child shard's are above its
 * parent's.
 */
export function hashKeyOf(bucket: number, buckets: number): string {
  const share = HASH_RANGE / BigInt(buckets)
  return (share * BigInt(bucket) + share / 2n).toString()
}

/** The partition key of a bucket's records, by which consumers know the bucket again. */
export function partitionKeyOf(bucket: number): string {
  return String(bucket)
}

/** The bucket of a partition key; undefined for a record that somebody else has put into the stream. */
export function bucketOfKey(partitionKey: string, buckets: number): number | undefined {
  const bucket = /^\d{1,5}$/.test(partitionKey) ? Number(partitionKey) : Number.NaN
  return bucket < buckets ? bucket : undefined
}
