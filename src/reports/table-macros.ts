import { callAt, expand, type Problem, refuse } from './expand.ts'
import { type Token, tokenize } from './tokens.ts'

/** A query that several models share, over a table that each of them names: `FROM lines_of(day_orders) AS l`. */
export interface TableMacro {
  readonly name: string
  /** What its text calls the table. */
  readonly takes: string
  readonly tokens: readonly Token[]
}

const TAKES = /^-- takes: ([a-z_]+)$/

/**
 * A table macro from the text of a file, where it is one: comment lines that say what a row is, among them `-- takes: name`, then
 * one SELECT that reads the table `name`. Throws report_invalid (not retryable) whose detail lists every problem with its line.
 */
export function parseTableMacro(name: string, text: string): TableMacro | undefined {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('-- '))
  const takes = lines.slice(0, end).flatMap((line) => TAKES.exec(line)?.[1] ?? [])[0]
  if (takes === undefined) return undefined
  const tokens = tokenize(lines.slice(end).join('\n').trimEnd(), end + 1)
  refuse(`models/${name}.sql`, [
    ...expand(tokens, 'duckdb', new Set()).problems,
    ...(tokens.some(({ text }) => text === takes)
      ? []
      : [{ line: 1, message: `it does not read "${takes}", which it takes` }]),
  ])
  return { name, takes, tokens }
}

/** The tokens with the query in place of each use of a table macro; its lines are that of the use. */
export function writeTableMacros(
  tokens: readonly Token[],
  macros: readonly TableMacro[],
): { tokens: readonly Token[]; problems: readonly Problem[] } {
  const written: Token[] = []
  const problems: Problem[] = []
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!
    const { line } = token
    const macro = macros.find(({ name }) => token.kind === 'word' && name === token.text)
    const call = macro && callAt(tokens, index)
    if (!macro || !call) {
      written.push(token)
      continue
    }
    const [table, ...more] = call.args.flat().filter(({ kind }) => kind !== 'blank')
    if (table?.kind !== 'word' || more.length > 0) {
      problems.push({ line, message: `${macro.name} takes the name of one table` })
    } else written.push(...queryOver(table.text, macro).map((one) => ({ ...one, line })))
    index = call.end
  }
  return { tokens: written, problems }
}

function queryOver(table: string, { takes, tokens }: TableMacro): Token[] {
  const [opening, closing] = tokenize('()')
  const query = tokens.map((token) => (token.text === takes ? { ...token, text: table } : token))
  return [opening!, ...query, closing!]
}
