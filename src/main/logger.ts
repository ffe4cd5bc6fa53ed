import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

export type { Logger }

/** JSON lines on stderr; readable ones when stderr is a terminal. Never given a payload. */
export function createLogger(name: string, level: string): Logger {
  const options = { name, level, base: { pid: process.pid } }
  if (!process.stderr.isTTY) return pino(options, pino.destination({ dest: 2, sync: false }))
  return pino(
    options,
    pretty({ destination: 2, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' }),
  )
}
