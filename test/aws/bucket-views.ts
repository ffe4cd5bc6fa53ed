import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { S3Client } from '@aws-sdk/client-s3'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { athenaNames, eventViewSql } from '../../src/derive/athena.ts'
import { LATE_COLUMNS, LATE_DUPLICATES } from '../../src/derive/athena-duplicates.ts'
import { createTableSql } from '../../src/derive/duckdb.ts'
import { withRecord } from '../../src/derive/record-column.ts'
import { TABLES } from '../../src/derive/table.ts'
import { EVENT_TYPES, type EventType } from '../../src/schema/registry.ts'
import { keysBelow, objectAt } from './s3.ts'

/** The tables and views that Athena has over a lake, in DuckDB over copies of its objects. */
export interface LakeTables {
  /** Copies what has come, forgets what is gone, and makes views anew where that changed them. `types` have views from then on. */
  follow(types: readonly EventType[]): Promise<void>
  close(): Promise<void>
}

/**
 * Follows a bucket. Compacted tables are DuckDB's own, and empty at first; objects are copied, since this DuckDB reads no
 * S3. One `follow` runs at a time.
 */
export async function openLakeTables(
  client: S3Client,
  bucket: string,
  connection: DuckDBConnection,
): Promise<LakeTables> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-aws-views-'))
  const copied = new Map<string, string>()
  const fresh = new Set<EventType>()
  const made = new Set<EventType>()
  const late = LATE_COLUMNS.map(({ name, type }) => `${name} ${type.replace(/\(.*/, '')}`)
  await connection.run(`CREATE TABLE ${LATE_DUPLICATES} (${late.join(', ')})`)
  let copies = 0
  let last: Promise<void> = Promise.resolve()

  async function make(type: EventType): Promise<void> {
    if (made.has(type)) return
    made.add(type)
    fresh.add(type)
    const { base } = athenaNames(type)
    await connection.run(createTableSql(base, withRecord(TABLES[type])))
    await connection.run(`ALTER TABLE ${base} ADD COLUMN dt DATE`)
  }

  async function copy(key: string): Promise<void> {
    // A name of its own each time: DuckDB takes what it knows of a file by its name.
    const file = path.join(directory, `${copies++}-${path.basename(key)}`)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, await objectAt(client, bucket, key))
    copied.set(key, file)
  }

  async function look(types: readonly EventType[]): Promise<void> {
    for (const type of types) await make(type)
    const keys = new Set(await keysBelow(client, bucket, 'raw/'))
    for (const key of keys) {
      if (copied.has(key) || !made.has(typeOf(key))) continue
      await copy(key)
      fresh.add(typeOf(key))
    }
    for (const key of copied.keys()) {
      if (keys.has(key)) continue
      copied.delete(key)
      fresh.add(typeOf(key))
    }
    for (const type of made) if (fresh.delete(type)) await view(type)
  }

  async function view(type: EventType): Promise<void> {
    const { raw, base, view: name } = athenaNames(type)
    const files = [...copied].filter(([key]) => typeOf(key) === type)
    const list = files.map(([, file]) => `'${file}'`).join(', ')
    const rows = list === '' ? '' : ` UNION ALL BY NAME SELECT * FROM read_parquet([${list}])`
    // Of the stored columns, so that a type without objects has a table too.
    const none = `SELECT * EXCLUDE (dt) FROM ${base} WHERE false`
    await connection.run(`CREATE OR REPLACE VIEW ${raw} AS ${none}${rows}`)
    await connection.run(`CREATE OR REPLACE VIEW ${name} AS ${eventViewSql(TABLES[type])}`)
  }

  return {
    follow(types) {
      const mine = last.then(() => look(types))
      last = mine.catch(() => undefined)
      return mine
    },
    close: () => rm(directory, { recursive: true }),
  }
}

function typeOf(key: string): EventType {
  return key.split('/')[1] as EventType
}

/** The views of an emulated lake, to be asked: what Athena reads where it lies. */
export interface BucketViews {
  query(sql: string): Promise<unknown[][]>
  close(): Promise<void>
}

export async function openBucketViews(client: S3Client, bucket: string): Promise<BucketViews> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  const tables = await openLakeTables(client, bucket, connection)
  return {
    async query(sql) {
      await tables.follow(EVENT_TYPES.filter((type) => new RegExp(`\\b${type}\\b`).test(sql)))
      return (await connection.runAndReadAll(sql)).getRowsJson()
    },
    async close() {
      connection.closeSync()
      instance.closeSync()
      await tables.close()
    },
  }
}
