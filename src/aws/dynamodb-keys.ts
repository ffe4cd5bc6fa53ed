import { hash as digest, randomBytes, timingSafeEqual } from 'node:crypto'
import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import { ShoplakeError } from '../errors.ts'
import type { Key, KeyBook, KeyInfo } from '../ports.ts'
import { reached } from './reached.ts'

/** Keys in the store's table, in memory between refreshes. */
export interface DynamodbKeys extends KeyBook {
  /** Reads the keys anew when they are older than a while: call it before each request. Rejects with store_unavailable. */
  refresh(): Promise<void>
  /** As in KeyBook; `text` is that of a key which the gateway knows already by its hash. */
  create(key: Key, text?: string): Promise<{ text: string; key: KeyInfo }>
}

/** Text of a new key, with 192 random bits. */
export function newKeyText({ kind }: Pick<Key, 'kind'>): string {
  return `${kind === 'browser' ? 'pk' : 'sk'}_${randomBytes(24).toString('base64url')}`
}

const PARTITION = 'keys'
/** How long a revoked key may still be taken, and a new one not yet. */
const STALE_MS = 20_000

interface Stored extends KeyInfo {
  readonly sha256: string
}

/**
 * API keys under the partition `keys` of the store's table, each by the SHA-256 of its text: the text holds 192 random bits,
 * so no slow hash is needed. `check` says what is wrong with a new key's traits.
 */
export function openDynamodbKeys(options: {
  readonly client: DynamoDBClient
  readonly table: string
  check(key: Key): string | undefined
  /** Milliseconds since 1970. */
  now(): number
}): DynamodbKeys {
  const { client, table: TableName, now } = options
  let keys = new Map<string, Stored>()
  let readAt = Number.NEGATIVE_INFINITY

  async function read(): Promise<void> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: PARTITION } },
      }),
    )
    const stored = Items.map((item) => JSON.parse(item.doc!.S!) as Stored)
    keys = new Map(stored.map((key) => [key.sha256, key]))
    readAt = now()
  }

  return {
    async refresh() {
      if (Math.abs(now() - readAt) >= STALE_MS) await reached(read)
    },
    find(text) {
      const hash = digest('sha256', text, 'buffer')
      const found = keys.get(hash.toString('hex'))
      if (!found || !timingSafeEqual(Buffer.from(found.sha256, 'hex'), hash)) return undefined
      const { sha256: _, created_at: _at, hint: _hint, ...key } = found
      return key
    },
    list: () => [...keys.values()].map(infoOf),
    async create(key, text = newKeyText(key)) {
      await reached(read)
      const taken = [...keys.values()].some((other) => other.name === key.name)
      const problem = options.check(key) ?? (taken ? takenProblem(key) : undefined)
      if (problem) throw new ShoplakeError('bad_request', problem)
      const added: Stored = {
        ...key,
        sha256: digest('sha256', text, 'hex'),
        hint: `${text.slice(0, 7)}…`,
        created_at: new Date(now()).toISOString(),
      }
      const Item = {
        pk: { S: PARTITION },
        sk: { S: added.sha256 },
        doc: { S: JSON.stringify(added) },
      }
      await reached(() => client.send(new PutItemCommand({ TableName, Item })))
      keys.set(added.sha256, added)
      return { text, key: infoOf(added) }
    },
    async revoke(name) {
      await reached(read)
      const found = [...keys.values()].find((key) => key.name === name)
      if (!found) return false
      const Key = { pk: { S: PARTITION }, sk: { S: found.sha256 } }
      await reached(() => client.send(new DeleteItemCommand({ TableName, Key })))
      keys.delete(found.sha256)
      return true
    },
  }
}

function takenProblem({ name }: Key): string {
  return `there is a key "${name}" already; revoke it first or take another name`
}

function infoOf(stored: Stored): KeyInfo {
  const { sha256: _, ...info } = stored
  return info
}
