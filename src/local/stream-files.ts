import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { bytesOf, makeSegment, type SegmentInfo } from './lmdb-segment.ts'
import { syncPath } from './sync-path.ts'

/**
 * The stream's directory: whole segments are named by their number; `new-` and `old-` are segments on their way in and
 * out, which a crash may leave and the next writer removes. A rename makes a segment whole, another takes it away.
 */
const SEGMENT_NAME = /^\d{8}$/
const NEW_NAME = /^new-\d{8}$/
const OLD_NAME = /^old-\d{8}(-\d+)?$/

/** Where a segment's files are. */
export function segmentDirectory(directory: string, number: number): string {
  return path.join(directory, nameOf(number))
}

/**
 * Numbers of the whole segments, oldest first, without a gap: what stands before a gap is the rest of a removal.
 * Empty where the directory does not exist.
 */
export function listSegments(directory: string): number[] {
  const numbers = namesIn(directory)
    .filter((name) => SEGMENT_NAME.test(name))
    .map(Number)
    .sort((a, b) => a - b)
  const gap = numbers.findLastIndex((number, index) => number + 1 < (numbers[index + 1] ?? 0))
  return numbers.slice(gap + 1)
}

/** Removes half-made segments that a crash left, and takes away whole ones before a gap. */
export function removeLeftovers(directory: string): void {
  mkdirSync(directory, { recursive: true })
  const kept = new Set(listSegments(directory).map(nameOf))
  for (const name of namesIn(directory)) {
    if (NEW_NAME.test(name)) rmSync(path.join(directory, name), { recursive: true, force: true })
    if (SEGMENT_NAME.test(name) && !kept.has(name)) retireSegment(directory, Number(name))
  }
}

/** Makes an empty segment that is whole and durable when this resolves; a crash before leaves nothing that counts. */
export async function addSegment(
  directory: string,
  number: number,
  info: SegmentInfo,
): Promise<void> {
  const made = path.join(directory, `new-${nameOf(number)}`)
  await removeDirectory(made)
  await makeSegment(made, info)
  await syncPath(made)
  renameSync(made, segmentDirectory(directory, number))
  await syncPath(directory)
}

/** Takes a segment away; who has it open may read on. Its bytes go with `removeRetired`. */
export function retireSegment(directory: string, number: number): void {
  const name = `old-${nameOf(number)}`
  // The bytes of one that had this number before may still be there.
  const taken = new Set(namesIn(directory))
  let free = name
  for (let other = 1; taken.has(free); other++) free = `${name}-${other}`
  renameSync(segmentDirectory(directory, number), path.join(directory, free))
}

/** Bytes of segments that were taken away and are still there. */
export function retiredBytes(directory: string): number {
  const retired = namesIn(directory).filter((name) => OLD_NAME.test(name))
  return retired.reduce((sum, name) => sum + bytesOf(path.join(directory, name)), 0)
}

/** Deletes the bytes of all segments that were taken away. Rejects with the first failure, when all were tried. */
export async function removeRetired(
  directory: string,
  remove: (directory: string) => Promise<void> = removeDirectory,
): Promise<void> {
  const failures: unknown[] = []
  for (const name of namesIn(directory).filter((one) => OLD_NAME.test(one))) {
    await remove(path.join(directory, name)).catch((error: unknown) => failures.push(error))
  }
  if (failures.length > 0) throw failures[0]
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function nameOf(number: number): string {
  return String(number).padStart(8, '0')
}

async function removeDirectory(target: string): Promise<void> {
  await rm(target, { recursive: true, force: true })
}
