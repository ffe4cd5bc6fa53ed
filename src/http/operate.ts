import { openapiOf } from '../derive/openapi.ts'
import { type Handler, jsonAnswer } from './call.ts'
import type { AppDeps } from './deps.ts'
import { docsPage } from './docs-page.ts'
import { DOCS_SCRIPT } from './docs-style.ts'
import { ROUTES } from './routes.ts'
import { API_SCHEMAS } from './schemas.ts'
import { PAGE_HEADERS } from './static.ts'

type OperateRoute = 'livez' | 'readyz' | 'metrics' | 'version' | 'openapi' | 'docs' | 'docsScript'

/** What operators, probes and documents ask for. */
export function operateHandlers(deps: AppDeps): { [N in OperateRoute]: Handler } {
  const { config, build, mode } = deps
  const document = openapiOf(ROUTES, API_SCHEMAS, build.version)
  const page = docsPage(document)
  return {
    livez: () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' }),
    readyz: async () => {
      const health = await deps.health()
      const ready = health.ready && !deps.shutdown.aborted
      return jsonAnswer(ready ? 200 : 503, { ...health, ready })
    },
    metrics: async () => ({
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      body: await deps.metricsText(),
    }),
    version: () =>
      jsonAnswer(200, {
        name: 'shoplake',
        ...build,
        mode,
        shop: {
          name: config.shop_name,
          currency: config.shop_currency,
          time_zone: config.shop_time_zone,
        },
      }),
    openapi: () => jsonAnswer(200, document),
    docs: (call) => ({
      status: 200,
      headers: PAGE_HEADERS,
      body: page.render(`http://${call.header('host') ?? '127.0.0.1:4600'}`),
    }),
    docsScript: () => ({
      status: 200,
      headers: { ...PAGE_HEADERS, 'content-type': 'text/javascript; charset=utf-8' },
      body: DOCS_SCRIPT,
    }),
  }
}
