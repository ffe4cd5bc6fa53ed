/** A piece of SQL text. `line` counts from 1 within the file that the text came from. */
export interface Token {
  readonly kind:
    | 'word'
    | 'number'
    | 'text'
    | 'quoted'
    | 'parameter'
    | 'symbol'
    | 'blank'
    | 'unknown'
  readonly text: string
  readonly line: number
}

const KINDS: readonly [Token['kind'], RegExp][] = [
  ['blank', /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)/y],
  ['text', /'(?:[^']|'')*'/y],
  ['quoted', /"(?:[^"]|"")*"/y],
  ['parameter', /:[a-z_][a-z0-9_]*/y],
  ['number', /\d+(?:\.\d+)?(?![\w.])/y],
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['symbol', /(?:<=|>=|<>|!=|\|\||::|->>|->|\/\/|\*\*|==|=>|[^\s\w])/y],
  ['unknown', /[\s\S]/y],
]

/** The tokens of a text, in order and without gaps: joined they are the text again. Never fails. */
export function tokenize(sql: string, firstLine = 1): Token[] {
  const tokens: Token[] = []
  let line = firstLine
  for (let offset = 0; offset < sql.length; ) {
    const token = tokenAt(sql, offset, line)
    tokens.push(token)
    offset += token.text.length
    line += token.text.split('\n').length - 1
  }
  return tokens
}

function tokenAt(sql: string, offset: number, line: number): Token {
  for (const [kind, pattern] of KINDS) {
    pattern.lastIndex = offset
    const match = pattern.exec(sql)
    if (match) return { kind, text: match[0], line }
  }
  return { kind: 'unknown', text: sql[offset]!, line }
}

/** Names that stand after FROM or JOIN, as often as they do. */
export function readsOf(tokens: readonly Token[]): string[] {
  const solid = tokens.filter((token) => token.kind !== 'blank')
  return solid
    .filter((_, index) => ['from', 'join'].includes(solid[index - 1]?.text.toLowerCase() ?? ''))
    .filter((token) => token.kind === 'word')
    .map((token) => token.text)
}
