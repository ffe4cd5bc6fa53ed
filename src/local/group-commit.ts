import type { ShoplakeError } from '../errors.ts'

/**
 * Turns many small writes into few large ones: what arrives while a write runs goes into the next. One write runs at a
 * time. After a failed write everything queued fails in order, and so does what comes, until `recover` has succeeded:
 * an outcome never overtakes that of an earlier item.
 */
export interface GroupCommit<Item, Outcome> {
  /** Resolves with the item's outcome once its group is written. */
  add(item: Item): Promise<Outcome>
  /** The failure that is being recovered from. */
  broken(): ShoplakeError | undefined
  /** Milliseconds that the write now running has taken; 0 when none runs. */
  runningMs(): number
  /** Waits for what is queued, then refuses everything with `reason`. */
  close(reason: ShoplakeError): Promise<void>
}

export interface GroupCommitOptions<Item, Outcome> {
  /** Writes a group, not empty; outcomes in the same order. */
  write(items: readonly Item[]): Promise<readonly Outcome[]>
  sizeOf(item: Item): number
  /** Bytes at which a group is closed; one larger item goes alone. */
  readonly maxGroupBytes: number
  /** The error that items get for a failed write. */
  failureOf(error: unknown): ShoplakeError
  /** Called after a failed write, again and again with growing pauses, until it resolves. */
  recover(): Promise<void>
}

interface Queued<Item, Outcome> {
  readonly item: Item
  resolve(outcome: Outcome): void
  reject(error: ShoplakeError): void
}

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2000

export function createGroupCommit<Item, Outcome>(
  options: GroupCommitOptions<Item, Outcome>,
): GroupCommit<Item, Outcome> {
  let queue: Queued<Item, Outcome>[] = []
  let running: Promise<void> | undefined
  let startedAt = 0
  let closed: ShoplakeError | undefined
  const recovery = createRecovery(options)

  function add(item: Item): Promise<Outcome> {
    const refusal = closed ?? recovery.failure()
    if (refusal) return Promise.reject(refusal)
    return new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject })
      running ??= drain()
    })
  }

  async function drain(): Promise<void> {
    // One turn later, so that requests of the same turn share the first write too.
    await Promise.resolve()
    while (queue.length > 0) {
      const group = takeGroup()
      startedAt = performance.now()
      try {
        const outcomes = await options.write(group.map((queued) => queued.item))
        group.forEach((queued, index) => {
          queued.resolve(outcomes[index]!)
        })
      } catch (error) {
        fail(group, error)
      }
    }
    running = undefined
  }

  function takeGroup(): Queued<Item, Outcome>[] {
    let bytes = 0
    let count = 0
    for (const queued of queue) {
      bytes += options.sizeOf(queued.item)
      if (count > 0 && bytes > options.maxGroupBytes) break
      count++
    }
    const group = queue.slice(0, count)
    queue = queue.slice(count)
    return group
  }

  function fail(group: readonly Queued<Item, Outcome>[], error: unknown): void {
    const reason = recovery.begin(error)
    const waiting = queue
    queue = []
    for (const queued of [...group, ...waiting]) queued.reject(reason)
  }

  async function close(reason: ShoplakeError): Promise<void> {
    closed = reason
    await running
    await recovery.end()
  }

  return {
    add,
    broken: recovery.failure,
    runningMs: () => (running ? performance.now() - startedAt : 0),
    close,
  }
}

/** Tries again and again after a failure, with growing pauses. */
function createRecovery(options: {
  failureOf(error: unknown): ShoplakeError
  recover(): Promise<void>
}) {
  let failure: ShoplakeError | undefined
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let isOver = false

  function begin(error: unknown): ShoplakeError {
    failure = options.failureOf(error)
    tryAfter(FIRST_PAUSE_MS)
    return failure
  }

  function tryAfter(pauseMs: number): void {
    if (isOver) return
    timer = setTimeout(() => {
      running = attempt(pauseMs)
    }, pauseMs)
    timer.unref()
  }

  async function attempt(pauseMs: number): Promise<void> {
    try {
      await options.recover()
      failure = undefined
    } catch (error) {
      failure = options.failureOf(error)
      tryAfter(Math.min(pauseMs * 2, LONGEST_PAUSE_MS))
    }
  }

  async function end(): Promise<void> {
    isOver = true
    clearTimeout(timer)
    await running
  }

  return { begin, end, failure: () => failure }
}
