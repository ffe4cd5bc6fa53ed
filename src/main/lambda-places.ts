import type { Place } from '../aws/clients.ts'

type EngineName =
  | 'ATHENA'
  | 'CLOUDFORMATION'
  | 'CLOUDWATCH'
  | 'DYNAMODB'
  | 'KINESIS'
  | 'S3'
  | 'SECRETS_MANAGER'

/** Where a service is: AWS itself, or what AWS_ENDPOINT_URL_<SERVICE> names, as the SDKs of all languages read it. */
export function placeOf(service: EngineName): Place {
  const endpoint = process.env[`AWS_ENDPOINT_URL_${service}`]
  const region = process.env.AWS_REGION
  return { ...(endpoint && { endpoint }), ...(region && { region }) }
}
