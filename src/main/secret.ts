import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { writeWhole } from './write-whole.ts'

/**
 * Makes the data directory's 32 secret bytes where there are none: they key the hashes of e-mail addresses and erased ids. Only
 * for whoever holds the directory, before the processes that read them start.
 */
export function makeSecret(file: string): void {
  if (!existsSync(file)) writeWhole(file, randomBytes(32))
}

export function readSecret(file: string): Uint8Array {
  return readFileSync(file)
}
