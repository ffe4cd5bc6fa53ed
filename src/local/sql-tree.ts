/** A node of DuckDB's parse tree, as json_serialize_sql writes it. */
interface Node {
  readonly [field: string]: unknown
}

/** Expressions. Anything that a later DuckDB adds is refused until somebody has looked at it. */
const CLASSES = new Set(
  `CONSTANT COLUMN_REF FUNCTION OPERATOR COMPARISON CONJUNCTION CAST CASE BETWEEN COLLATE SUBQUERY WINDOW STAR LAMBDA
   PARAMETER POSITIONAL_REFERENCE DEFAULT TYPE`.split(/\s+/),
)

/** Queries, tables in FROM, modifiers, sort directions. */
const TYPES = new Set(
  `SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE CTE_NODE
   BASE_TABLE SUBQUERY JOIN TABLE_FUNCTION EXPRESSION_LIST EMPTY PIVOT SHOW_REF
   LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER ORDER_MODIFIER DISTINCT_MODIFIER
   ORDER_DEFAULT ASCENDING DESCENDING`.split(/\s+/),
)

/** Functions in FROM: those that make rows of their arguments alone. */
const TABLE_FUNCTIONS = new Set([
  'range',
  'generate_series',
  'unnest',
  'repeat',
  'repeat_row',
  'json_each',
  'json_tree',
])

/** Functions that look at the process, its settings or other statements, change state, or wait. */
const FUNCTIONS = new Set(
  `getvariable getenv current_setting current_query currval nextval setseed write_log sleep_ms pg_sleep
   json_serialize_sql json_deserialize_sql json_serialize_plan json_execute_serialized_sql
   parse_duckdb_log_message current_connection_id current_query_id current_transaction_id txid_current
   pg_get_viewdef pg_get_constraintdef inet_client_addr inet_client_port inet_server_addr inet_server_port
   stats vector_type finalize combine create_sort_key cast_to_type
   query query_table glob which_secret sniff_csv seq_scan arrow_scan arrow_scan_dumb sql_auto_complete`.split(
    /\s+/,
  ),
)

const FUNCTION_FAMILIES = /^(read_|parquet_|duckdb_|pragma_|sqlite_|load|install|attach|copy)/

/** Functions whose value can be far larger than their arguments; a constant may ask for this much. */
const GROWING = new Set(
  'repeat lpad rpad list_resize array_resize bitstring range generate_series'.split(' '),
)
const MAX_GROWTH = 1_000_000

const SCHEMAS = new Set(['', 'main', 'hot', 'information_schema'])
const CATALOGS = new Set(['', 'memory'])
const SYSTEM_TABLES = /^(duckdb_|pragma_|sqlite_|pg_)/
/** Endings by which DuckDB takes `schema.table` for a file. */
const FILE_ENDINGS =
  /^(parquet|csv|tsv|json|jsonl|ndjson|txt|gz|zst|db|duckdb|xlsx|arrow|avro|vortex)$/

/** DuckDB plans nested subqueries in exponential time and cannot be interrupted there: 24 took over 20 s. */
const MAX_SUBQUERY_DEPTH = 10
/** Levels of the tree; an expression takes about two. */
const MAX_DEPTH = 400
/** Tables after each WITH name is replaced by its query; n names that each use the one before twice make 2^n. */
const MAX_TABLES = 1000
const MAX_DEFINITIONS = 500

/** Returns what is wrong with the statement and what to use instead, or undefined if it only reads tables. */
export function checkTree(statement: unknown): string | undefined {
  const queue: { node: unknown; depth: number; subqueries: number; role: string }[] = [
    { node: statement, depth: 0, subqueries: 0, role: '' },
  ]
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { node, depth, role } = next
    if (typeof node !== 'object' || node === null) continue
    const isSubquery = (node as Node).class === 'SUBQUERY'
    const subqueries = next.subqueries + (isSubquery ? 1 : 0)
    if (depth > MAX_DEPTH || subqueries > MAX_SUBQUERY_DEPTH) {
      return 'The statement is nested too deeply; name its parts in WITH.'
    }
    if (!Array.isArray(node)) {
      const problem = checkNode(node as Node, role)
      if (problem) return problem
    }
    for (const [key, child] of Object.entries(node)) {
      queue.push({ node: child, depth: depth + 1, subqueries, role: roleOf(node as Node, key) })
    }
  }
  return checkExpansion(statement)
}

/** A table function is an ordinary FUNCTION node in a special place. */
function roleOf(parent: Node, key: string): string {
  return parent.type === 'TABLE_FUNCTION' && key === 'function' ? 'table function' : ''
}

function checkNode(node: Node, role: string): string | undefined {
  if (typeof node.class === 'string') {
    if (!CLASSES.has(node.class)) return unknownNode(node.class)
    return typeof node.function_name === 'string' ? checkFunction(node, role) : undefined
  }
  if (typeof node.type !== 'string' || node.type.endsWith('_TYPE_INFO')) return undefined
  if (!TYPES.has(node.type)) return unknownNode(node.type)
  if (node.type === 'BASE_TABLE') return checkTable(node)
  if (node.type === 'SHOW_REF') return checkShow(node)
  return undefined
}

function unknownNode(kind: string): string {
  return `${kind.toLowerCase().replaceAll('_', ' ')} is not allowed in a SELECT here.`
}

function checkFunction(node: Node, role: string): string | undefined {
  const name = String(node.function_name).toLowerCase()
  if (role === 'table function' && !TABLE_FUNCTIONS.has(name)) {
    return `${name}() is not allowed in FROM: SQL here reads tables only. Allowed are ${[...TABLE_FUNCTIONS].join(', ')}.`
  }
  if (FUNCTIONS.has(name) || FUNCTION_FAMILIES.test(name)) {
    return `${name}() is not allowed: it reads files, settings or the engine itself. Use the tables; SHOW TABLES lists them.`
  }
  if (role === '' && GROWING.has(name) && Array.isArray(node.children)) {
    const large = node.children.some((child) => constantOf(child as Node) > MAX_GROWTH)
    if (large)
      return `${name}() may ask for at most ${MAX_GROWTH} here; in FROM, range() has no such limit.`
  }
  return undefined
}

/** The number of a constant argument; 0 where it is none. */
function constantOf(node: Node): number {
  const inner = node.class === 'CAST' ? (node.child as Node) : node
  const value = (inner.value as Node | null | undefined)?.value
  const number = Number(value)
  return inner.class === 'CONSTANT' && Number.isFinite(number) ? number : 0
}

/** A name that is no table is looked up as a file: no name may look like one, wherever it comes from. */
function checkTable(node: Node): string | undefined {
  const name = String(node.table_name)
  const schema = String(node.schema_name ?? '').toLowerCase()
  const catalog = String(node.catalog_name ?? '').toLowerCase()
  if (!/^[\p{L}\p{N}_$ -]+$/u.test(name)) {
    return `"${name.slice(0, 100)}" is not a table: files cannot be read. SHOW TABLES lists the tables.`
  }
  if (!SCHEMAS.has(schema) || !CATALOGS.has(catalog)) {
    return `There are no tables for you in "${schema}"; SHOW TABLES lists the tables.`
  }
  if (SYSTEM_TABLES.test(name.toLowerCase()) || (schema && FILE_ENDINGS.test(name.toLowerCase()))) {
    return `"${name}" belongs to the engine; use information_schema.tables and information_schema.columns.`
  }
  if (schema === 'information_schema' && name.toLowerCase() === 'views') {
    return 'information_schema.views is not shown; use information_schema.tables.'
  }
  return undefined
}

/** DESCRIBE and SUMMARIZE of a query or table (walked like any other), and SHOW TABLES. */
function checkShow(node: Node): string | undefined {
  const name = String(node.table_name)
  if (node.query !== null && name === '') return undefined
  const isTables = name === '"tables"' && node.show_type === 'SHOW_UNQUALIFIED'
  return isTables ? undefined : 'Of SHOW only SHOW TABLES is allowed; DESCRIBE works for a table.'
}

/** Whether WITH names multiply into more tables than a planner can bear. */
function checkExpansion(statement: unknown): string | undefined {
  const definitions = new Map<string, unknown[]>()
  for (const { key, value } of definitionsIn(statement)) {
    definitions.set(key, [...(definitions.get(key) ?? []), value])
  }
  if (definitions.size > MAX_DEFINITIONS) return `At most ${MAX_DEFINITIONS} WITH names are taken.`
  const sizes = new Map<string, number>()
  const sizeOf = (name: string): number => {
    const known = sizes.get(name)
    if (known !== undefined) return known
    // A recursive name counts once inside itself.
    sizes.set(name, 1)
    const all = (definitions.get(name) ?? []).map(countIn)
    const size = Math.max(1, ...all)
    sizes.set(name, size)
    return size
  }
  const countIn = (root: unknown): number => {
    let count = 0
    for (const name of tablesIn(root)) count += sizeOf(name)
    return count
  }
  return countIn(statement) > MAX_TABLES
    ? `The statement reads more than ${MAX_TABLES} tables once its WITH names are filled in.`
    : undefined
}

function* nodesIn(root: unknown): Generator<Node> {
  const stack: unknown[] = [root]
  while (stack.length > 0) {
    const node = stack.pop()
    if (typeof node !== 'object' || node === null) continue
    yield node as Node
    for (const child of Object.values(node)) stack.push(child)
  }
}

function* tablesIn(root: unknown): Generator<string> {
  for (const node of nodesIn(root)) {
    if (node.type === 'BASE_TABLE') yield String(node.table_name).toLowerCase()
  }
}

function* definitionsIn(root: unknown): Generator<{ key: string; value: unknown }> {
  for (const node of nodesIn(root)) {
    const entries = (node.cte_map as Node | undefined)?.map
    if (!Array.isArray(entries)) continue
    for (const { key, value } of entries) yield { key: String(key).toLowerCase(), value }
  }
}
