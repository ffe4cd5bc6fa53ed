import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/** The one in-memory DuckDB of a process. Its tables and views are shared by all of its connections. */
export interface Duckdb {
  readonly instance: DuckDBInstance
  /** A connection of its own: one statement at a time each. The caller closes it. */
  connect(): Promise<DuckDBConnection>
  /** Closes the instance and removes what was spilled. Open connections must be closed first. */
  close(): Promise<void>
}

export interface DuckdbOptions {
  /** Where Parquet is read and written. */
  readonly lakeDirectory: string
  /** Where NDJSON is read; queries spill into `spill/` of it, which is emptied at start. */
  readonly tempDirectory: string
  readonly memory_mb: number
  readonly threads: number
  /** Most bytes that queries may spill, together. Default: four times the memory. */
  readonly spill_mb?: number
  /** Whether footers of Parquet files stay in memory, for readers that come again. Default: true. */
  readonly keep_footers?: boolean
}

/**
 * Opens DuckDB locked down: no file outside of the two directories, no network, no extension, no setting can be
 * changed any more, by anybody. Inside the directories COPY still writes, so text of others needs sql-guard.ts in front.
 * Sessions are in UTC. Throws DuckDB's own error when a setting does not fit.
 */
export async function openDuckdb(options: DuckdbOptions): Promise<Duckdb> {
  const lakeDirectory = resolve(options.lakeDirectory)
  const tempDirectory = resolve(options.tempDirectory)
  const spillDirectory = join(tempDirectory, 'spill')
  await mkdir(lakeDirectory, { recursive: true })
  await rm(spillDirectory, { recursive: true, force: true })
  await mkdir(spillDirectory, { recursive: true })
  const instance = await DuckDBInstance.create(':memory:', settingsOf(options, spillDirectory))
  const connection = await instance.connect()
  try {
    for (const statement of lockStatements([lakeDirectory, tempDirectory], options)) {
      await connection.run(statement)
    }
  } finally {
    connection.closeSync()
  }
  return {
    instance,
    connect: () => instance.connect(),
    async close() {
      instance.closeSync()
      await rm(spillDirectory, { recursive: true, force: true })
    },
  }
}

function settingsOf(options: DuckdbOptions, spillDirectory: string): Record<string, string> {
  return {
    threads: String(options.threads),
    memory_limit: `${options.memory_mb}MiB`,
    temp_directory: spillDirectory,
    max_temp_directory_size: `${options.spill_mb ?? options.memory_mb * 4}MiB`,
    autoload_known_extensions: 'false',
    autoinstall_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_unsigned_extensions: 'false',
    allow_persistent_secrets: 'false',
    // Order without ORDER BY is nobody's promise, and keeping it buffers whole row groups in COPY.
    preserve_insertion_order: 'false',
    // Else a task of a never-ending query keeps its thread: beside two of them a COPY took twice as long again.
    scheduler_process_partial: 'true',
  }
}

/** The order matters: directories are fixed once access is off, and everything once the configuration is locked. */
function lockStatements(directories: readonly string[], options: DuckdbOptions): string[] {
  return [
    `SET GLOBAL TimeZone = 'UTC'`,
    // Files of the lake never change under their name.
    `SET GLOBAL parquet_metadata_cache = ${options.keep_footers ?? true}`,
    // Local files stand in the page cache already: a second copy would only grow to the memory limit.
    'SET GLOBAL enable_external_file_cache = false',
    `SET GLOBAL allowed_directories = [${directories.map(quoteText).join(', ')}]`,
    'SET GLOBAL enable_external_access = false',
    'SET GLOBAL lock_configuration = true',
  ]
}

/** A text as a SQL literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name as a quoted SQL identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
