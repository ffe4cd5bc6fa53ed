/** What is to happen, by virtual time. Two entries of the same moment keep the order in which they were scheduled. */
export interface Agenda<T> {
  /** Milliseconds since 1970. */
  schedule(at: number, entry: T): void
  /** When the next entry is due; Infinity where there is none. */
  nextAt(): number
  /** Takes the next entry; undefined where there is none. */
  take(): T | undefined
  readonly size: number
}

interface Node<T> {
  readonly at: number
  readonly order: number
  readonly entry: T
}

/** A binary heap. */
export function createAgenda<T>(): Agenda<T> {
  const heap: Node<T>[] = []
  let scheduled = 0
  return {
    schedule(at, entry) {
      heap.push({ at, order: scheduled++, entry })
      siftUp(heap)
    },
    nextAt: () => heap[0]?.at ?? Number.POSITIVE_INFINITY,
    take() {
      const first = heap[0]
      const last = heap.pop()
      if (heap.length > 0) siftDown(heap, last!)
      return first?.entry
    },
    get size() {
      return heap.length
    },
  }
}

function isBefore<T>(left: Node<T>, right: Node<T>): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order)
}

function siftUp<T>(heap: Node<T>[]): void {
  let index = heap.length - 1
  const node = heap[index]!
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!isBefore(node, heap[parent]!)) break
    heap[index] = heap[parent]!
    index = parent
  }
  heap[index] = node
}

/** Puts `node` in at the root and lets it sink. */
function siftDown<T>(heap: Node<T>[], node: Node<T>): void {
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
    if (!isBefore(heap[child]!, node)) break
    heap[index] = heap[child]!
    index = child
  }
  heap[index] = node
}
