import { readFileSync } from 'node:fs'
import type { FaultRates } from '../simulator/faults.ts'
import type { Truth } from '../simulator/truth.ts'

const FORMAT = 'shoplake truth 1'

/** A simulated shop and what really happened in it: what `simulate --truth` writes and `verify --truth` reads. */
export interface TruthFile {
  readonly format: typeof FORMAT
  readonly seed: number
  /** First moment and the one behind the last, ISO 8601 in UTC. */
  readonly from: string
  readonly to: string
  readonly sessions_per_day: number
  readonly faults: FaultRates
  readonly time_zone: string
  readonly currency: string
  /** Names of the keys that it was sent with; none where it went into a file. */
  readonly sources: readonly string[]
  /** A request was sent again without knowing what became of it before: the number of duplicates says nothing. */
  readonly resumed: boolean
  readonly truth: Truth
}

export function truthFileOf(file: Omit<TruthFile, 'format'>): TruthFile {
  return { format: FORMAT, ...file }
}

/** Throws a plain Error that says what to give instead. */
export function readTruthFile(path: string): TruthFile {
  const hint = 'give the file that `shoplake simulate --truth FILE` wrote'
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as Partial<TruthFile> | null
    if (file?.format === FORMAT) return file as TruthFile
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`${path} is not JSON; ${hint}`)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error(`${path} does not exist; ${hint}`)
  }
  throw new Error(`${path} holds no "${FORMAT}"; ${hint}`)
}
