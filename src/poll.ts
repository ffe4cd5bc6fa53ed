/** Something looked at again and again, one look at a time. */
export interface Poll {
  /** Looks now, unless the last look still lasts. */
  look(): void
  /** No further look begins; resolves when the one under way has ended. */
  stop(): Promise<void>
}

/**
 * Looks every so often; the first time after `every_ms`. A look that is due while the last one still lasts is left out: what
 * answers slowly is not asked ever more often at once. `onError` is told why a look failed, and the next one comes as ever.
 * Does not keep the process alive.
 */
export function createPoll(
  every_ms: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Poll {
  let running: Promise<void> | undefined
  const look = () => {
    running ??= work()
      .catch(onError)
      .finally(() => {
        running = undefined
      })
  }
  const timer = setInterval(look, every_ms).unref()
  return {
    look,
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
