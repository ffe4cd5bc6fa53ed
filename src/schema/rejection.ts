/** Why an event is refused. Closed: the words are metric labels, HTTP answers and documents. */
export const REJECTIONS = {
  malformed_json: 'The text is not JSON.',
  not_an_object: 'The event is not a JSON object.',
  unknown_event_type: 'The event type is missing or not one that we know.',
  missing_field: 'A field that the event type requires is missing.',
  invalid_field: 'A field has a value that its type does not allow.',
  too_large: 'The event is larger than the limit.',
  timestamp_in_future: 'The timestamp is more than 24 hours ahead of our clock.',
  not_encodable: 'The event was accepted but no writer could encode it.',
} as const

export type Rejection = keyof typeof REJECTIONS
