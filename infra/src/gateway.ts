import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import * as apigateway from 'aws-cdk-lib/aws-apigateway'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import * as logs from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import openapi from '../../generated/openapi.json' with { type: 'json' }
import { addGatewayAnswers } from './gateway-answers.ts'
import { type HomeSettings, PRESETS } from './settings.ts'
import { addUsagePlans, type UsagePlans } from './usage.ts'

export interface GatewayOptions {
  readonly settings: HomeSettings
  readonly collect: LambdaFunction
  readonly read: LambdaFunction
  readonly authorize: LambdaFunction
}

/** Bodies that are handed on as they came, in base64: gzipped ones would not survive being read as text. */
export const BODIES = [
  'application/json',
  'application/x-ndjson',
  'application/octet-stream',
  'text/plain',
  'text/csv',
]

/** What a page may send beside the plain headers. */
const HEADERS = ['authorization', 'content-encoding', 'content-type', 'x-api-key']

/** Longest that the gateway waits for an answer (quota of REST APIs). */
const ANSWER_WITHIN = Duration.seconds(29)

type Route = { readonly path: string; readonly method: string; readonly scope: string }

/** Every route with its scope, from the document that the app is described by. */
export const ROUTES: readonly Route[] = Object.entries(openapi.paths).flatMap(
  ([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      scope: (operation as { 'x-scope': string })['x-scope'],
    })),
)

/**
 * The HTTP door: a REST API in front of the same app as on one machine. Routes of scope `write` go to the collect function,
 * everything else to the reader; keys are looked up by the gateway before a function runs.
 */
export class Gateway extends Construct {
  readonly api: apigateway.RestApi
  readonly plans: UsagePlans

  constructor(scope: Construct, id: string, options: GatewayOptions) {
    super(scope, id)
    this.api = makeApi(this, options.settings)
    const authorizer = new apigateway.RequestAuthorizer(this, 'Keys', {
      handler: options.authorize,
      // A key may stand in any of four places, and answers are only kept by places that are all given.
      identitySources: [],
      resultsCacheTtl: Duration.seconds(0),
    })
    const keyed: apigateway.MethodOptions = {
      apiKeyRequired: true,
      authorizationType: apigateway.AuthorizationType.CUSTOM,
      authorizer,
    }
    const open: apigateway.MethodOptions = {
      apiKeyRequired: false,
      authorizationType: apigateway.AuthorizationType.NONE,
    }
    const collecting = new apigateway.LambdaIntegration(options.collect, { timeout: ANSWER_WITHIN })
    const reading = new apigateway.LambdaIntegration(options.read, { timeout: ANSWER_WITHIN })
    for (const { path, method, scope: needs } of ROUTES) {
      if (needs === 'write') this.route(path, method, collecting, keyed)
      if (needs === 'none') this.route(path, method, reading, open)
    }
    const rest = this.api.root.resourceForPath('/v1').addResource('{proxy+}')
    rest.addMethod('ANY', reading, keyed)
    addPreflight(rest)
    addGatewayAnswers(this.api)
    this.plans = addUsagePlans(this, this.api.deploymentStage, options.settings)
  }

  private route(
    path: string,
    method: string,
    integration: apigateway.Integration,
    how: apigateway.MethodOptions,
  ): void {
    const resource = this.api.root.resourceForPath(path)
    resource.addMethod(method, integration, how)
    if (path.startsWith('/v1/')) addPreflight(resource)
  }
}

function makeApi(scope: Construct, settings: HomeSettings): apigateway.RestApi {
  const log = new logs.LogGroup(scope, 'AccessLog', {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const rate = PRESETS[settings.preset].requests_per_s
  return new apigateway.RestApi(scope, 'Api', {
    restApiName: settings.name,
    description: 'The collector and the read side of shoplake.',
    endpointTypes: [apigateway.EndpointType.REGIONAL],
    apiKeySourceType: apigateway.ApiKeySourceType.AUTHORIZER,
    binaryMediaTypes: BODIES,
    cloudWatchRole: true,
    cloudWatchRoleRemovalPolicy: RemovalPolicy.DESTROY,
    deployOptions: {
      stageName: 'live',
      metricsEnabled: true,
      loggingLevel: apigateway.MethodLoggingLevel.ERROR,
      // Bodies hold what people did: they never reach a log.
      dataTraceEnabled: false,
      throttlingRateLimit: rate * 2,
      throttlingBurstLimit: rate * 4,
      accessLogDestination: new apigateway.LogGroupLogDestination(log),
      accessLogFormat: apigateway.AccessLogFormat.custom(ACCESS_LINE),
    },
  })
}

/** One line a request. No key, no query, no address: what a person could be known by is left out. */
const ACCESS_LINE = JSON.stringify({
  request_id: '$context.requestId',
  at: '$context.requestTimeEpoch',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  bytes: '$context.responseLength',
  ms: '$context.responseLatency',
  function_ms: '$context.integrationLatency',
  refused: '$context.error.responseType',
})

/** OPTIONS by the gateway alone: no key, no function. The answer itself says which origin may read it. */
function addPreflight(resource: apigateway.IResource): void {
  const headers = {
    'Access-Control-Allow-Origin': "'*'",
    'Access-Control-Allow-Methods': "'GET,POST,DELETE'",
    'Access-Control-Allow-Headers': `'${HEADERS.join(',')}'`,
    'Access-Control-Max-Age': "'86400'",
  }
  const parameters = (value: (text: string) => string | boolean) =>
    Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [
        `method.response.header.${name}`,
        value(text),
      ]),
    )
  const integration = new apigateway.MockIntegration({
    requestTemplates: { 'application/json': '{"statusCode": 204}' },
    // The types above count as binary, and a mock cannot read those.
    contentHandling: apigateway.ContentHandling.CONVERT_TO_TEXT,
    integrationResponses: [
      {
        statusCode: '204',
        responseParameters: parameters((text) => text) as { [name: string]: string },
      },
    ],
  })
  resource.addMethod('OPTIONS', integration, {
    apiKeyRequired: false,
    authorizationType: apigateway.AuthorizationType.NONE,
    methodResponses: [
      {
        statusCode: '204',
        responseParameters: parameters(() => true) as { [name: string]: boolean },
      },
    ],
  })
}
