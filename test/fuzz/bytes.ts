import fc from 'fast-check'

/** How many cases a property tries: few in every run of the tests, `FUZZ_RUNS` for a night. fast-check prints the seed of a failure. */
export function runs(few: number): { numRuns: number } {
  const asked = Number(process.env.FUZZ_RUNS ?? 0)
  return { numRuns: asked > 0 ? asked : few }
}

/** What parsers trip over. */
const NASTY: readonly string[] = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\n',
    '\r\n',
    '\t',
    '\0',
    ' ',
    '-',
    'e',
    '.',
    ';',
    "'",
  ],
  ...['null', 'true', '1e999', '-0', '0.1', '99999999999999999999', 'NaN', '""', '[]', '{}', '/*'],
  ...['\\u0000', '\\ud800', '\\"', '"__proto__":', '"constructor":', '"events":', '"event_type":'],
  ...['\ufeff', '\u2028', '\ud83d\ude00', '[['.repeat(40), '{"a":'.repeat(40), ']]'.repeat(40)],
]

const PIECE = fc.oneof(
  fc.constantFrom(...NASTY).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(0xff, 0xfe, 0xc0, 0xed, 0xef, 0x80).map((byte) => Buffer.of(byte)),
)

/** Bytes that begin as one of the seeds and were then cut, repeated, overwritten and put together anew. */
export function mangled(seeds: readonly (string | Uint8Array)[]): fc.Arbitrary<Buffer> {
  const seed = fc.constantFrom(...seeds).map((one) => Buffer.from(one as string))
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    drop: fc.oneof(fc.nat(8), fc.nat(400)),
    put: fc.oneof(PIECE, seed),
    often: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(50) }),
  })
  const edited = fc.tuple(seed, fc.array(edit, { maxLength: 6 })).map(([start, edits]) =>
    edits.reduce((bytes, { at, drop, put, often }) => {
      const from = Math.floor(at * bytes.length)
      const middle = Array.from({ length: often }, () => put)
      return Buffer.concat([bytes.subarray(0, from), ...middle, bytes.subarray(from + drop)])
    }, start),
  )
  return fc.oneof(
    { weight: 8, arbitrary: edited },
    { weight: 1, arbitrary: fc.uint8Array().map((bytes) => Buffer.from(bytes)) },
  )
}
