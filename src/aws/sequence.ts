/** Kinesis numbers records with up to 56 digits today; the API allows more. */
const DIGITS = 64

/** A Kinesis sequence number as text that sorts as the number does. */
export function sequenceText(sequenceNumber: string): string {
  return sequenceNumber.padStart(DIGITS, '0')
}

/** As Kinesis writes it: padding is for comparing alone. */
export function sequenceNumber(sequence: string): string {
  return sequence.replace(/^0+(?=.)/, '')
}
