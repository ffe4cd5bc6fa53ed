import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

/** Name of the file that tells which generation is the store; the others are unfinished or left over. */
const CURRENT = 'CURRENT'
const GENERATION = /^generation-(\d+)$/

/** Directory of the store's environment; the first one where there is none yet. Only a writer makes it and removes leftovers. */
export function currentGeneration(directory: string, readOnly: boolean): string {
  if (readOnly) return path.join(directory, readCurrent(directory) ?? 'generation-1')
  mkdirSync(directory, { recursive: true })
  const named = readCurrent(directory) ?? 'generation-1'
  if (!existsSync(path.join(directory, CURRENT))) nameCurrent(path.join(directory, named))
  for (const entry of readdirSync(directory)) {
    if (GENERATION.test(entry) && entry !== named) removeGeneration(path.join(directory, entry))
  }
  return path.join(directory, named)
}

/** A directory for the generation after all that are there; not made yet. */
export function nextGeneration(directory: string): string {
  const numbers = readdirSync(directory).map((entry) => Number(GENERATION.exec(entry)?.[1] ?? 0))
  return path.join(directory, `generation-${Math.max(0, ...numbers) + 1}`)
}

/** Makes a generation the store, for good when it returns: also after a power cut. */
export function nameCurrent(generation: string): void {
  const directory = path.dirname(generation)
  const temporary = path.join(directory, `${CURRENT}.tmp`)
  writeFileSync(temporary, `${path.basename(generation)}\n`, { flush: true })
  renameSync(temporary, path.join(directory, CURRENT))
  syncDirectory(directory)
}

export function removeGeneration(generation: string): void {
  rmSync(generation, { recursive: true, force: true })
}

function readCurrent(directory: string): string | undefined {
  const file = path.join(directory, CURRENT)
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
