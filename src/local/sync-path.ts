import { mkdir, open } from 'node:fs/promises'
import path from 'node:path'

/**
 * Flushes a file or a directory to disk. A new name survives a power cut only when the directory that holds it is flushed
 * too (fsync(2), notes); DuckDB's COPY leaves its bytes to the page cache.
 */
export async function syncPath(name: string): Promise<void> {
  const handle = await open(name, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Directories whose names this process has flushed. */
const named = new Set<string>()

/**
 * Makes a directory, and those between it and `root`, which is there already, durably. Who finds one made cannot know whether its name
 * was flushed: an attempt that failed, or a process that was killed in between, may have made it. So each is, the first time.
 */
export async function makeDirectory(directory: string, root: string): Promise<void> {
  const made = await mkdir(directory, { recursive: true })
  const unnamed: string[] = []
  for (let each = directory; each.length > root.length; each = path.dirname(each)) {
    const isNew = made !== undefined && each.startsWith(made)
    if (isNew || !named.has(each)) unnamed.push(each)
  }
  for (const each of unnamed) await syncPath(path.dirname(each))
  for (const each of unnamed) named.add(each)
}
