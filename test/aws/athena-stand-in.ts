import { randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

interface Execution {
  state: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
  reason?: string
  columns: { Name: string; Type: string }[]
  rows: (string | undefined)[][]
  readonly connection: DuckDBConnection
  readonly workgroup: string
}

/** A stand-in for Athena: its API over DuckDB. What Trino's SQL means is proven elsewhere; here it is start, poll, page and stop. */
export interface AthenaStandIn {
  readonly endpoint: string
  /** The engine, for tables and views. */
  readonly owner: DuckDBConnection
  /** Requests of StartQueryExecution, as they came. */
  readonly started: { readonly [field: string]: unknown }[]
  /** What becomes of a statement: run by DuckDB, or taken or refused without. */
  fate: (sql: string) => 'run' | 'succeed' | 'fail'
  /** Done before a statement runs; it fails with what this throws. */
  before: () => Promise<void>
  /** Queries that were stopped. */
  readonly stopped: string[]
  close(): Promise<void>
}

const PAGE_ROWS = 1000
const SCANNED_BYTES = 12_345

export async function startAthenaStandIn(): Promise<AthenaStandIn> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const owner = await instance.connect()
  const executions = new Map<string, Execution>()
  const started: { [field: string]: unknown }[] = []
  const stopped: string[] = []
  const running = new Set<Promise<void>>()
  const standIn = { fate: (() => 'run') as AthenaStandIn['fate'], before: async () => {} }

  const operations: { [name: string]: (request: never) => Promise<object> } = {
    async StartQueryExecution(request: { QueryString: string; WorkGroup: string }) {
      started.push(request)
      const id = randomUUID()
      const execution: Execution = {
        state: 'RUNNING',
        columns: [],
        rows: [],
        connection: await instance.connect(),
        workgroup: request.WorkGroup,
      }
      executions.set(id, execution)
      const fate = standIn.fate(request.QueryString)
      if (fate !== 'run') {
        execution.state = fate === 'succeed' ? 'SUCCEEDED' : 'FAILED'
        return { QueryExecutionId: id }
      }
      const query = runQuery(execution, request.QueryString, standIn.before)
      running.add(query)
      void query.finally(() => running.delete(query))
      return { QueryExecutionId: id }
    },
    async GetQueryExecution({ QueryExecutionId }: { QueryExecutionId: string }) {
      const { state, reason, workgroup } = executions.get(QueryExecutionId) ?? unknown()
      const failed = state === 'FAILED' && { AthenaError: { ErrorCategory: 2, Retryable: false } }
      return {
        QueryExecution: {
          QueryExecutionId,
          WorkGroup: workgroup,
          Status: { State: state, StateChangeReason: reason, ...failed },
          Statistics: { DataScannedInBytes: SCANNED_BYTES },
        },
      }
    },
    async GetQueryResults(request: { QueryExecutionId: string; NextToken?: string }) {
      return pageOf(executions.get(request.QueryExecutionId)!, Number(request.NextToken ?? 0))
    },
    async StopQueryExecution({ QueryExecutionId }: { QueryExecutionId: string }) {
      const execution = executions.get(QueryExecutionId)!
      stopped.push(QueryExecutionId)
      if (execution.state === 'RUNNING') execution.state = 'CANCELLED'
      execution.connection.interrupt()
      return {}
    },
  }

  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const name = String(request.headers['x-amz-target']).replace('AmazonAthena.', '')
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as never
      const [status, answer] = await operations[name]!(asked).then(
        (found) => [200, found] as const,
        (error) => [400, { __type: 'InvalidRequestException', message: error.message }] as const,
      )
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
      response.end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(standIn, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    owner,
    started,
    stopped,
    async close() {
      for (const { connection } of executions.values()) connection.interrupt()
      await Promise.allSettled(running)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      for (const { connection } of executions.values()) connection.closeSync()
      owner.closeSync()
      instance.closeSync()
    },
  })
}

function unknown(): never {
  throw new Error('QueryExecution was not found')
}

async function runQuery(
  execution: Execution,
  sql: string,
  before: () => Promise<void>,
): Promise<void> {
  try {
    await before()
    const found = await execution.connection.runAndReadAll(sql)
    const types = found.columnTypes().map(String)
    execution.columns = found
      .columnNames()
      .map((Name, at) => ({ Name, Type: athenaType(types[at]!) }))
    execution.rows = found
      .getRowsJson()
      .map((row) => row.map((value) => (value === null ? undefined : athenaText(value))))
    if (execution.state === 'RUNNING') execution.state = 'SUCCEEDED'
  } catch (error) {
    if (execution.state !== 'RUNNING') return
    execution.state = 'FAILED'
    execution.reason = (error as Error).message
  }
}

/** As Athena names types in results. */
function athenaType(duckdb: string): string {
  if (duckdb.endsWith('[]')) return 'array'
  const name = duckdb.toLowerCase().replace(/\(.*$/, '')
  return NAMES[name] ?? name
}

const NAMES: { readonly [duckdb: string]: string } = { hugeint: 'decimal', struct: 'row' }

/** As Athena shows values: lists as [a, b], rows as {name=a}. */
function athenaText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(athenaText).join(', ')}]`
  if (value === null || typeof value !== 'object') return String(value)
  const fields = Object.entries(value).map(([name, one]) => `${name}=${athenaText(one)}`)
  return `{${fields.join(', ')}}`
}

function pageOf({ columns, rows }: Execution, from: number): object {
  const header = from === 0 ? [columns.map(({ Name }) => Name)] : []
  const end = from + PAGE_ROWS - header.length
  const page = [...header, ...rows.slice(from, end)]
  return {
    ...(end < rows.length && { NextToken: String(end) }),
    ResultSet: {
      ResultSetMetadata: { ColumnInfo: columns },
      Rows: page.map((row) => ({
        Data: row.map((value) => (value === undefined ? {} : { VarCharValue: value })),
      })),
    },
  }
}
