/** What the id begins with that stands in place of an erased customer's. */
export const ERASED_PREFIX = 'erased:'

/** Whether a customer_id stands for somebody who was erased. */
export function isErased(customer_id: string): boolean {
  return customer_id.startsWith(ERASED_PREFIX)
}
