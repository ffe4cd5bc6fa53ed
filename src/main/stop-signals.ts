import { say } from './output.ts'

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP']
/** What shells expect of a process that a signal ended. */
const EXIT_CODES: { readonly [signal: string]: number } = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

/**
 * Hears Ctrl-C and the like: the first stops in order and ends this process with 0, the second kills. An error that
 * reaches the top stops in order too, and ends it with 1.
 */
export function onStopSignals(options: {
  stop(): Promise<void>
  kill(): void
  failed(error: unknown): void
}): { isStopping(): boolean } {
  let stopping = false
  const stop = (code: number) => {
    stopping = true
    options.stop().then(
      () => process.exit(code),
      (error: unknown) => {
        options.failed(error)
        process.exit(1)
      },
    )
  }
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (!stopping) {
        say('stopping … (once more to end at once)')
        stop(0)
        return
      }
      say('ended at once; what was acknowledged is safe and read again at the next start')
      options.kill()
      process.exit(EXIT_CODES[signal] ?? 1)
    })
  }
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error: unknown) => {
      options.failed(error)
      if (!stopping) stop(1)
    })
  }
  return { isStopping: () => stopping }
}
