import { createHash } from 'node:crypto'

/** The value of the gateway's API key that stands for a key with this text. */
export function gatewayKeyOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
