import { Stack, Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** Findings of the AwsSolutions rules that stand, by where they are found, each with the reason. */
const ACKNOWLEDGED: { readonly [path: string]: { readonly [rule: string]: string } } = {
  Gateway: {
    APIG2:
      'Bodies are checked event by event by the function, which says which field of which event is wrong; the gateway would refuse a whole request for one.',
    APIG3: 'The firewall costs more than a small shop pays for all the rest: it is a setting.',
    APIG4:
      'Every route with a scope has the authorizer and needs a key; what is open says only that it lives, and preflight requests carry no key.',
    COG4: 'Callers are shops and their pages with keys of their own; there are no users to pool.',
    'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
      "The role by which a whole account lets gateways log is AWS's to define.",
  },
  Console: {
    CFR1: 'Shops sell everywhere, and so do their people travel.',
    CFR2: 'The distribution serves static files and hands on to the gateway, where the firewall stands.',
    CFR4: "The domain of the distribution has CloudFront's own certificate; TLS 1.2 comes with a domain of one's own.",
  },
}

const PATTERNS =
  'The pattern stands for the objects of one folder or the tables of one database; no action has one.'

export function acknowledgeFindings(stack: IConstruct): void {
  for (const [path, rules] of Object.entries(ACKNOWLEDGED)) {
    const reasons = Object.entries(rules).map(([rule, reason]) => ({ id: idOf(rule), reason }))
    Validations.of(stack.node.findChild(path)).acknowledge(...reasons)
  }
}

/** Acknowledges the patterns among the resources that a role may use, each by itself. */
export function acknowledgePatterns(role: IConstruct, resources: readonly string[]): void {
  const written = resources.map((resource) => textOf(Stack.of(role).resolve(resource)))
  for (const text of new Set(written.filter((one) => one.includes('*')))) {
    Validations.of(role).acknowledge({ id: idOf(`IAM5[Resource::${text}]`), reason: PATTERNS })
  }
}

/** A resolved value as the rules write it: what is only known later stands between < and >. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  const [[name, content] = ['', '']] = Object.entries(value as { [name: string]: unknown })
  if (name === 'Fn::Join') return (content as [string, unknown[]])[1].map(textOf).join('')
  if (name === 'Fn::GetAtt') return `<${(content as string[]).join('.')}>`
  return `<${content}>`
}

function idOf(rule: string): string {
  return `AwsSolutions::AwsSolutions-${rule}`
}
