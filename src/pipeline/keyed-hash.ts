import { createHmac } from 'node:crypto'

/** HMAC-SHA256 in hex: the same person gives the same text in this shop, and nothing to anyone without the secret. */
export function keyedHash(secret: Uint8Array, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex')
}

/** An e-mail address as it is hashed: without space around it, in lower case. */
export function normalEmail(email: string): string {
  return email.trim().toLowerCase()
}

/** A phone number as it is hashed: digits only, with a leading plus where there is one; 00 in front is a plus. */
export function normalPhone(phone: string): string {
  const digits = phone.replace(/\D/g, '')
  if (phone.trim().startsWith('+')) return `+${digits}`
  return digits.startsWith('00') ? `+${digits.slice(2)}` : digits
}
