import { readFileSync } from 'node:fs'
import { ShoplakeError } from '../errors.ts'
import { layoutOf } from './paths.ts'
import { writeWhole } from './write-whole.ts'

/**
 * What this program reads and writes in a data directory. One more whenever an earlier program would misread what this one
 * writes; then what stands in an older directory is either still read, or changed here before the new number is written.
 * 2: the store may have to see again what its checkpoint has passed (Store.redo).
 */
const FORMAT = 2

interface DataFormat {
  readonly format: number
  /** Version of the program that wrote the number: what to install where ours is too old. */
  readonly written_by: string
}

/**
 * Makes sure that this program understands a data directory, and writes down which format it has from now on. Only for whoever
 * holds the directory. Throws data_too_new, not retryable, having changed nothing, where a later program has written it.
 */
export function claimFormat(dataDir: string, version: string): void {
  const found = readFormat(dataDir, version)
  if (found?.format === FORMAT) return
  const own: DataFormat = { format: FORMAT, written_by: version }
  writeWhole(layoutOf(dataDir).format, `${JSON.stringify(own)}\n`)
}

/**
 * The format of a data directory or a backup; undefined where it names none: it is new, or was written before 0.1.0, whose format
 * is 1. `version` is ours. Throws data_too_new where only a later program
 * reads it, and data_damaged where the file that says so cannot be understood.
 */
export function readFormat(dataDir: string, version: string): DataFormat | undefined {
  const file = layoutOf(dataDir).format
  const text = readText(file)
  if (text === undefined) return undefined
  const found = parse(text)
  if (!found)
    throw new ShoplakeError('data_damaged', `${file} names no format; bring it back from a backup`)
  if (found.format <= FORMAT) return found
  throw new ShoplakeError(
    'data_too_new',
    `${dataDir} has format ${found.format}, written by shoplake ${found.written_by}; this is ${version}, which reads formats up to ${FORMAT}: install ${found.written_by} or later`,
  )
}

function parse(text: string): DataFormat | undefined {
  try {
    const value = JSON.parse(text) as Partial<DataFormat> | null
    const { format, written_by } = value ?? {}
    if (!Number.isInteger(format) || typeof written_by !== 'string') return undefined
    return { format: format!, written_by }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
