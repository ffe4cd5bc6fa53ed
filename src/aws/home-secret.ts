import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import type { Place } from './clients.ts'
import { failureOf } from './failure.ts'

export function secretsClient(place: Place): SecretsManagerClient {
  return new SecretsManagerClient({ ...place, maxAttempts: 4 })
}

/** The secret's text, or undefined where there is none. Rejects with the SDK's error. */
export async function readHomeSecret(
  client: SecretsManagerClient,
  SecretId: string,
): Promise<string | undefined> {
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString
  } catch (error) {
    if (failureOf(error).name === 'ResourceNotFoundException') return undefined
    throw error
  }
}

/** Keeps a secret for a home that has none yet. Rejects with the SDK's error. */
export async function makeHomeSecret(
  client: SecretsManagerClient,
  Name: string,
  SecretString: string,
): Promise<void> {
  const Description =
    'What contacts and erased ids are hashed with. Lost, no person is found again.'
  await client.send(new CreateSecretCommand({ Name, SecretString, Description }))
}

/** Deletes it for good, at once; nothing happens where there is none. Rejects with the SDK's error. */
export async function deleteHomeSecret(
  client: SecretsManagerClient,
  SecretId: string,
): Promise<void> {
  try {
    await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }))
  } catch (error) {
    if (failureOf(error).name !== 'ResourceNotFoundException') throw error
  }
}
