import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Emulators } from './emulators.ts'

/** Emulators in a process of their own, by its bundle, so that functions do not wait for them. It ends with this one. */
export async function forkEmulators(bundle: string): Promise<Emulators> {
  const child = fork(bundle)
  const [endpoints] = (await once(child, 'message')) as [Emulators['endpoints']]
  return { endpoints, close: async () => child.disconnect() }
}
