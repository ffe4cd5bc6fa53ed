import { closeSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import { ShoplakeError } from '../errors.ts'

/** Where LMDB's magic number stands in each of the two heads, pages 0 and 1 (struct MDB_meta behind a page header). */
const PAGE_BYTES = 4096
const HEADER_BYTES = 24
const MAGIC = 0xbeefc0de

/**
 * Refuses an LMDB environment of which neither head is one: opened all the same it would end the process. An environment
 * that does not exist, or is just being made, passes. Throws data_damaged, not retryable.
 */
export function refuseHeadless(directory: string): void {
  const file = path.join(directory, 'data.mdb')
  const heads = readHeads(file)
  if (heads === undefined || heads.length < 2 * PAGE_BYTES) return
  const isHead = (page: number) => heads.readUInt32LE(page * PAGE_BYTES + HEADER_BYTES) === MAGIC
  if (isHead(0) || isHead(1)) return
  throw new ShoplakeError(
    'data_damaged',
    `${file} is not the file that was written there: both of its heads are overwritten; bring a backup back with \`shoplake restore\``,
  )
}

function readHeads(file: string): Buffer | undefined {
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const heads = Buffer.alloc(2 * PAGE_BYTES)
    return heads.subarray(0, readSync(handle, heads, 0, heads.length, 0))
  } finally {
    closeSync(handle)
  }
}
