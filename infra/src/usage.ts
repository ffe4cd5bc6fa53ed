import { CfnCondition, CfnParameter, Fn } from 'aws-cdk-lib'
import * as apigateway from 'aws-cdk-lib/aws-apigateway'
import type { Construct } from 'constructs'
import { type HomeSettings, PRESETS } from './settings.ts'

/** The two usage plans: what a shop's servers may send, and what all its pages together may. */
export interface UsagePlans {
  readonly browser: apigateway.UsagePlan
  readonly server: apigateway.UsagePlan
}

/** Days of a month that is busier than the preset's mean all the time. */
const QUOTA_DAYS = 31

/**
 * Rate, burst and quota by kind of key. A key stands in the gateway as the SHA-256 of its text, which is what the authorizer
 * answers: the gateway knows no key's text. The first two keys come with the stack; more are added to the plans by command.
 */
export function addUsagePlans(
  scope: Construct,
  stage: apigateway.Stage,
  settings: HomeSettings,
): UsagePlans {
  const rate = PRESETS[settings.preset].requests_per_s
  const plan = (id: string, share: number) => {
    const limit = rate * share
    const made = new apigateway.UsagePlan(scope, `${id}Plan`, {
      name: `${settings.name}-${id.toLowerCase()}`,
      throttle: { rateLimit: limit, burstLimit: limit * 2 },
      quota: { limit: limit * 86_400 * QUOTA_DAYS, period: apigateway.Period.MONTH },
      apiStages: [{ api: stage.restApi, stage }],
    })
    addFirstKey(scope, id, made, settings.name)
    return made
  }
  return { browser: plan('Browser', 1), server: plan('Server', 1) }
}

/** A key by its hash, where one is given. */
function addFirstKey(
  scope: Construct,
  id: string,
  plan: apigateway.UsagePlan,
  prefix: string,
): void {
  const hash = new CfnParameter(scope, `${id}KeyHash`, {
    description: `SHA-256 of the first ${id.toLowerCase()} key, 64 hex digits; empty for none.`,
    default: '',
    allowedPattern: '^$|^[0-9a-f]{64}$',
    noEcho: true,
  })
  hash.overrideLogicalId(`${id}KeyHash`)
  const given = new CfnCondition(scope, `${id}KeyGiven`, {
    expression: Fn.conditionNot(Fn.conditionEquals(hash.valueAsString, '')),
  })
  const key = new apigateway.CfnApiKey(scope, `${id}Key`, {
    name: `${prefix}-${id.toLowerCase()}`,
    enabled: true,
    value: hash.valueAsString,
  })
  const link = new apigateway.CfnUsagePlanKey(scope, `${id}KeyPlan`, {
    keyId: key.ref,
    keyType: 'API_KEY',
    usagePlanId: plan.usagePlanId,
  })
  key.cfnOptions.condition = given
  link.cfnOptions.condition = given
}
