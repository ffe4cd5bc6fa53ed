import { ShoplakeError } from '../errors.ts'
import {
  BEFORE_PARENTHESIS,
  type Dialect,
  FUNCTIONS,
  REFUSED_SYMBOLS,
  REFUSED_WORDS,
  SYMBOLS,
  TYPES,
} from './dialect.ts'
import { MACROS, parameterMark } from './macros.ts'
import type { Token } from './tokens.ts'

/** Something in a report or model file that is not allowed: what, where, and what to write instead. */
export interface Problem {
  readonly line: number
  readonly message: string
}

interface Expansion {
  readonly dialect: Dialect
  readonly parameters: ReadonlySet<string>
  readonly problems: Problem[]
}

const FUNCTION_NAMES = new Set(FUNCTIONS.map((entry) => entry.name))
const MACRO_NAMES = new Map(MACROS.map((macro) => [macro.name, macro]))
const TYPED_TEXT = new Set(['date', 'timestamp', 'interval'])

/**
 * The text for one engine, with parameter marks in it (see `parameterMark`), and every problem found. With problems
 * the text is of no use. `parameters` are the names that `:name` may use.
 */
export function expand(
  tokens: readonly Token[],
  dialect: Dialect,
  parameters: ReadonlySet<string>,
): { sql: string; problems: readonly Problem[] } {
  const expansion: Expansion = { dialect, parameters, problems: [] }
  const first = tokens.find((token) => token.kind !== 'blank')
  if (!first || !['select', 'with'].includes(first.text.toLowerCase())) {
    expansion.problems.push({
      line: first?.line ?? 1,
      message: 'the query must begin with SELECT or WITH',
    })
  }
  return { sql: write(tokens, expansion).trim(), problems: expansion.problems }
}

function write(tokens: readonly Token[], expansion: Expansion): string {
  let sql = ''
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!
    const call = token.kind === 'word' ? callAt(tokens, index) : undefined
    const macro = call && MACRO_NAMES.get(token.text.toLowerCase())
    if (call && macro) {
      sql += writeMacro(macro.name, call.args, token, expansion)
      index = call.end
      continue
    }
    check(tokens, index, call, expansion)
    sql += token.kind === 'parameter' ? writeParameter(token, expansion) : token.text
  }
  return sql
}

function writeMacro(
  name: string,
  args: readonly (readonly Token[])[],
  at: Token,
  expansion: Expansion,
): string {
  const macro = MACRO_NAMES.get(name)!
  const least = macro.arguments.filter((argument) => !argument.endsWith('?')).length
  if (
    name === 'between_dates' &&
    !(expansion.parameters.has('from') && expansion.parameters.has('to'))
  ) {
    problem(expansion, at, 'between_dates needs the parameters from and to')
  }
  const texts = args.map((argument) => write(argument, expansion).trim())
  if (texts.length < least || texts.length > macro.arguments.length || texts.includes('')) {
    problem(expansion, at, `${name} takes (${macro.arguments.join(', ')})`)
    return ''
  }
  try {
    return macro.write(texts, expansion.dialect)
  } catch (cause) {
    problem(expansion, at, `${name}: ${(cause as Error).message}`)
    return ''
  }
}

function writeParameter(token: Token, expansion: Expansion): string {
  const name = token.text.slice(1)
  if (!expansion.parameters.has(name)) problem(expansion, token, `unknown parameter :${name}`)
  return parameterMark(name)
}

export interface Call {
  readonly args: readonly (readonly Token[])[]
  /** Index of the closing parenthesis. */
  readonly end: number
}

/** The call whose name stands at `index`, when an opening parenthesis follows and is closed. */
export function callAt(tokens: readonly Token[], index: number): Call | undefined {
  const open = nextSolid(tokens, index)
  if (tokens[open]?.text !== '(') return undefined
  const args: Token[][] = [[]]
  for (let depth = 0, at = open; at < tokens.length; at++) {
    const token = tokens[at]!
    const text = token.kind === 'symbol' ? token.text : ''
    if (text === ')' && --depth === 0) return { args, end: at }
    if (text === ',' && depth === 1) args.push([])
    else if (at > open) args.at(-1)!.push(token)
    if (text === '(') depth++
  }
  return undefined
}

function check(
  tokens: readonly Token[],
  index: number,
  call: Call | undefined,
  expansion: Expansion,
): void {
  const token = tokens[index]!
  if (token.kind === 'unknown')
    problem(expansion, token, `unexpected ${JSON.stringify(token.text)}`)
  if (token.kind === 'symbol') checkSymbol(token, expansion)
  if (token.kind === 'word') checkWord(tokens, index, call, expansion)
  if (token.kind === 'blank') checkBlank(token, expansion)
}

function checkSymbol(token: Token, expansion: Expansion): void {
  if (SYMBOLS.has(token.text)) return
  const advice = REFUSED_SYMBOLS[token.text]
  problem(expansion, token, `"${token.text}" is not allowed${advice ? `: ${advice}` : ''}`)
}

function checkBlank(token: Token, expansion: Expansion): void {
  if (token.text.startsWith('/*')) problem(expansion, token, 'write comments as -- lines')
}

function checkWord(
  tokens: readonly Token[],
  index: number,
  call: Call | undefined,
  expansion: Expansion,
): void {
  const token = tokens[index]!
  const word = token.text.toLowerCase()
  const before = tokens[previousSolid(tokens, index)]
  const isName = before?.text === '.' || before?.text.toLowerCase() === 'as'
  if (isName && !(call && word !== 'decimal' && before?.text === '.')) return
  if (Object.hasOwn(REFUSED_WORDS, word)) {
    problem(expansion, token, `${token.text} is not allowed: ${REFUSED_WORDS[word]}`)
    return
  }
  if (call) checkCall(word, call, token, expansion)
  else if (word === 'by' && tokens[nextSolid(tokens, index)]?.text.toLowerCase() === 'all') {
    problem(expansion, token, 'BY ALL is not allowed: list the columns')
  }
  const next = tokens[index + 1]
  if (next?.kind === 'text') problem(expansion, token, `a blank is missing after ${token.text}`)
  const solid = tokens[nextSolid(tokens, index)]
  if (word === 'interval' && solid?.kind !== 'text') {
    problem(expansion, token, "write INTERVAL '1' DAY, with the number as text")
  }
  if (solid?.kind === 'text' && /^[a-z]$/.test(word) && !TYPED_TEXT.has(word)) {
    problem(expansion, token, `${token.text}'…' is not allowed: write a plain text`)
  }
}

function checkCall(word: string, call: Call, token: Token, expansion: Expansion): void {
  if (word === 'cast') checkCast(call, token, expansion)
  else if (!FUNCTION_NAMES.has(word) && !BEFORE_PARENTHESIS.has(word)) {
    problem(
      expansion,
      token,
      `${token.text}(…) is not in the portable dialect; see docs/reference/dialect.md`,
    )
  }
}

function checkCast(call: Call, token: Token, expansion: Expansion): void {
  const solid = call.args[0]?.filter((part) => part.kind !== 'blank') ?? []
  const as = solid.findLastIndex((part) => part.text.toLowerCase() === 'as')
  const type = solid[as + 1]?.text.toLowerCase() ?? ''
  if (!(TYPES as readonly string[]).includes(type)) {
    problem(expansion, token, `CAST may name ${TYPES.join(', ')}; not "${type}"`)
  }
}

function nextSolid(tokens: readonly Token[], index: number): number {
  let at = index + 1
  while (tokens[at]?.kind === 'blank') at++
  return at
}

function previousSolid(tokens: readonly Token[], index: number): number {
  let at = index - 1
  while (tokens[at]?.kind === 'blank') at--
  return at
}

function problem(expansion: Expansion, token: Token, message: string): void {
  expansion.problems.push({ line: token.line, message })
}

/** Throws report_invalid with every problem and its line, if there is any. */
export function refuse(file: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return
  const lines = problems.map((problem) => `${file}:${problem.line}: ${problem.message}`)
  throw new ShoplakeError('report_invalid', lines.join('\n'))
}
