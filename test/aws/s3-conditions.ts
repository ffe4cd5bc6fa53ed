import type { FastifyInstance } from 'fastify'

/**
 * Gives an emulated S3 the conditional writes of the real one (User Guide, "Conditional writes"): a PUT with `If-None-Match: *`
 * onto an object that exists is 412. Writes to one key go one after the other, so that of many only the first wins.
 */
export function holdConditions(app: Pick<FastifyInstance, 'addHook' | 'inject'>): void {
  const turns = new Map<string, Promise<void>>()
  const release = new WeakMap<object, () => void>()
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'PUT' || request.headers['if-none-match'] !== '*') return
    const key = request.url.split('?')[0]!
    const before = turns.get(key)
    let end = () => {}
    const mine = new Promise<void>((resolve) => {
      end = resolve
    })
    turns.set(key, mine)
    release.set(request, () => {
      if (turns.get(key) === mine) turns.delete(key)
      end()
    })
    await before
    const found = await app.inject({ method: 'HEAD', url: key })
    if (found.statusCode === 404) return
    return reply.code(412).type('application/xml').send(PRECONDITION_FAILED)
  })
  app.addHook('onResponse', async (request) => release.get(request)?.())
}

const PRECONDITION_FAILED =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>PreconditionFailed</Code>' +
  '<Message>At least one of the pre-conditions you specified did not hold</Message></Error>'
