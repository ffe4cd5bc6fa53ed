import { gatewayHandler } from './lambda-app.ts'
import { lambdaMetrics } from './lambda-consumer.ts'
import { readLambdaSettings } from './lambda-settings.ts'

/** From API Gateway to the stream. */
export const handler = gatewayHandler(
  readLambdaSettings(['stream', 'table', 'secret']),
  lambdaMetrics(),
)
