import { readlinkSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'

/** What is flushed to disk in a directory while `work` runs, by name under it, in order; `stuck` cannot be. */
export async function flushed(
  directory: string,
  work: () => Promise<unknown>,
  stuck?: string,
): Promise<string[]> {
  const handle = await open(directory, 'r')
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const { sync } = prototype
  const names: string[] = []
  prototype.sync = async function (this: FileHandle) {
    const name = readlinkSync(`/proc/self/fd/${this.fd}`)
    const within = path.relative(directory, name)
    if (within === stuck) throw new Error(`${stuck} cannot be flushed`)
    if (name.startsWith(directory)) names.push(within)
    return sync.call(this)
  }
  try {
    await work()
  } finally {
    prototype.sync = sync
  }
  return names
}
