import { ShoplakeError } from '../errors.ts'
import type { Key, Scope, SourceKind } from '../ports.ts'
import { type Inflight, readJsonObject } from './body.ts'
import { type Handler, jsonAnswer } from './call.ts'
import type { AppDeps } from './deps.ts'

type KeyRoute = 'listKeys' | 'createKey' | 'revokeKey'

const FIELDS = ['name', 'kind', 'scopes', 'origins', 'rate', 'burst']

/** API keys over HTTP, for admins. The text of a key is in one answer only: the one that made it. */
export function keyHandlers(deps: AppDeps, inflight: Inflight): { [N in KeyRoute]: Handler } {
  return {
    listKeys: () => jsonAnswer(200, { keys: deps.keys.list() }),
    createKey: async (call) =>
      jsonAnswer(201, await deps.keys.create(keyOf(await readJsonObject(call, inflight)))),
    revokeKey: async (call) => {
      const name = call.param('name')
      if (await deps.keys.revoke(name)) return { status: 204, headers: {}, body: null }
      throw new ShoplakeError('not_found', `there is no key "${name.slice(0, 50)}"`)
    },
  }
}

/** Shape alone; the key book checks what the values may be. */
function keyOf(body: { readonly [name: string]: unknown }): Key {
  const unknown = Object.keys(body).find((name) => !FIELDS.includes(name))
  if (unknown !== undefined) {
    throw new ShoplakeError(
      'bad_request',
      `a key has no "${unknown.slice(0, 50)}"; it has ${FIELDS.join(', ')}`,
    )
  }
  const { rate, burst } = body
  return {
    name: body.name as string,
    kind: body.kind as SourceKind,
    scopes: body.scopes as Scope[],
    origins: (body.origins ?? []) as string[],
    ...(rate === undefined ? {} : { rate: rate as number }),
    ...(burst === undefined ? {} : { burst: burst as number }),
  }
}
