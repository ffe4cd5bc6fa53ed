import { openSegment, type Segment, type SegmentInfo } from './lmdb-segment.ts'
import { segmentDirectory } from './stream-files.ts'

/** Segments that are open to read, and what is known of those that were. */
export interface SegmentHandles {
  /** Undefined while it cannot be opened. */
  get(number: number): Segment | undefined
  info(number: number): SegmentInfo | undefined
  /** Takes a handle over. */
  keep(segment: Segment): void
  /** Closes and forgets all others. */
  retain(numbers: readonly number[]): void
  forget(number: number): Promise<void>
  close(): Promise<void>
}

/** Consumers stand in one or two segments; the rest are opened when somebody reads old records. */
const MOST_OPEN = 6

/** `writing`: see createSegmentSet. */
export function createHandles(options: {
  directory: string
  writing?: () => { number: number; segment: Segment | undefined }
}): SegmentHandles {
  const infos = new Map<number, SegmentInfo>()
  /** The one used last stands last. */
  const open = new Map<number, Segment>()

  function get(number: number): Segment | undefined {
    const writing = options.writing?.()
    if (writing?.number === number) {
      if (writing.segment) infos.set(number, writing.segment.info)
      return writing.segment
    }
    const directory = segmentDirectory(options.directory, number)
    const segment = open.get(number) ?? openSegment(directory, number, { readOnly: true })
    if (segment) keep(segment)
    return segment
  }

  function keep(segment: Segment): void {
    infos.set(segment.number, segment.info)
    open.delete(segment.number)
    open.set(segment.number, segment)
    for (const number of open.keys()) if (open.size > MOST_OPEN) drop(number)
  }

  function drop(number: number): void {
    void open.get(number)?.close()
    open.delete(number)
  }

  return {
    get,
    info: (number) => infos.get(number) ?? get(number)?.info,
    keep,
    retain(numbers) {
      for (const number of open.keys()) if (!numbers.includes(number)) drop(number)
      for (const number of infos.keys()) if (!numbers.includes(number)) infos.delete(number)
    },
    async forget(number) {
      const segment = open.get(number)
      open.delete(number)
      infos.delete(number)
      await segment?.close()
    },
    async close() {
      await Promise.all([...open.values()].map((segment) => segment.close()))
      open.clear()
    },
  }
}
