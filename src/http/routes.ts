import type { RouteSpec } from '../derive/openapi.ts'
import { EVENT_ROUTES } from './routes-events.ts'
import { OPERATE_ROUTES } from './routes-operate.ts'
import { QUESTION_ROUTES } from './routes-questions.ts'
import { STATE_ROUTES } from './routes-state.ts'
import { TRUST_ROUTES } from './routes-trust.ts'

/** Every route, once: the app mounts these and no others, and the documents are made from them. */
export const ROUTES = {
  ...EVENT_ROUTES,
  ...STATE_ROUTES,
  ...QUESTION_ROUTES,
  ...TRUST_ROUTES,
  ...OPERATE_ROUTES,
} satisfies { readonly [name: string]: RouteSpec }

export type RouteName = keyof typeof ROUTES
