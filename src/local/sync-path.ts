import { open } from 'node:fs/promises'

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
