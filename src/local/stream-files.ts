import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { makeSegment, type SegmentInfo } from './lmdb-segment.ts'
import { syncPath } from './sync-path.ts'

/**
 * The stream's directory: whole segments are named by their number; `new-` and `old-` are segments on their way in and
 * out, which a crash may leave and the next writer removes. A rename makes a segment whole, another takes it away.
 */
const SEGMENT_NAME = /^\d{8}$/
const LEFTOVER_NAME = /^(new|old)-\d{8}$/

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

/** Removes what a crash left: half-made and half-removed segments, and whole ones before a gap. */
export function removeLeftovers(directory: string): void {
  mkdirSync(directory, { recursive: true })
  const kept = new Set(listSegments(directory).map(nameOf))
  for (const name of namesIn(directory)) {
    const orphan = SEGMENT_NAME.test(name) && !kept.has(name)
    if (orphan || LEFTOVER_NAME.test(name)) {
      rmSync(path.join(directory, name), { recursive: true, force: true })
    }
  }
}

/** Makes an empty segment that is whole and durable when this resolves; a crash before leaves nothing that counts. */
export async function addSegment(
  directory: string,
  number: number,
  info: SegmentInfo,
): Promise<void> {
  const made = path.join(directory, `new-${nameOf(number)}`)
  await remove(made)
  await makeSegment(made, info)
  await syncPath(made)
  renameSync(made, segmentDirectory(directory, number))
  await syncPath(directory)
}

/** Takes a segment away; who has it open may read on. */
export async function removeSegment(directory: string, number: number): Promise<void> {
  const going = path.join(directory, `old-${nameOf(number)}`)
  await remove(going)
  renameSync(segmentDirectory(directory, number), going)
  await remove(going)
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

async function remove(target: string): Promise<void> {
  await rm(target, { recursive: true, force: true })
}
