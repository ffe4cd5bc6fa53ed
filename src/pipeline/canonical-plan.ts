import type { Column } from '../schema/column.ts'
import { ENVELOPE } from '../schema/envelope.ts'
import type { EventDefinition } from '../schema/event.ts'
import { EVENT_TYPES, EVENTS, type EventType } from '../schema/registry.ts'
import type { Fields, Scalar } from '../schema/scalar.ts'

/** How a valid value becomes JSON text. */
export type Form =
  | 'text'
  | 'literal'
  | 'money'
  | 'timestamp'
  | 'upper'
  | 'email'
  | 'phone'
  | 'json'
  | 'struct'
  | 'list'

/** One field of a row: its place in the stored order is its index. */
export interface Slot {
  /** `"stored_name":` */
  readonly label: string
  readonly form: Form
  readonly identity: boolean
  /** Parts of a struct or of a list's structs. */
  readonly parts: Plan | undefined
}

/** A set of fields in stored order, ready for a walk over a value's own keys. */
export interface Plan {
  /** Wire name to slot; IGNORED for what is not a column. */
  readonly slotOf: ReadonlyMap<string, number>
  readonly slots: readonly Slot[]
  /** JSON text by slot; empty for absent. Filled and emptied again within one walk. */
  createPieces(): string[]
}

/** `event_type` chooses the table and is no column of it. */
export const IGNORED = -1

export interface EventPlan extends Plan {
  readonly type: EventType
  readonly definition: EventDefinition
  readonly natural_key: readonly string[] | undefined
  /** Fields that name or follow a person. */
  readonly identities: ReadonlySet<string>
  /** First field that names a person and must not be null; such a type cannot be kept without consent. */
  readonly person: string | undefined
  readonly hasTotal: boolean
}

const STORED_NAME: { readonly [wire: string]: string } = { timestamp: 'occurred_at' }

/** Plans of all types. The order is that of derive/table.ts: the envelope less what the event redefines, own fields. */
export const PLANS = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, planOfEvent(type)]),
) as Record<EventType, EventPlan>

function planOfEvent(type: EventType): EventPlan {
  const definition = EVENTS[type]
  const envelope = Object.entries(ENVELOPE).filter(
    ([name]) => !Object.hasOwn(definition.fields, name),
  )
  const fields: Fields = { ...Object.fromEntries(envelope), ...definition.fields }
  const plan = planOf(fields)
  const slotOf = new Map(plan.slotOf).set('event_type', IGNORED)
  const names = Object.entries(fields)
  return {
    ...plan,
    slotOf,
    type,
    definition,
    natural_key: definition.natural_key,
    identities: new Set(names.filter(([, { scalar }]) => scalar.identity).map(([name]) => name)),
    person: names.find(([, field]) => field.required && field.scalar.identity)?.[0],
    hasTotal: 'items' in fields && 'total_amount' in fields,
  }
}

function planOf(fields: Fields): Plan {
  const names = Object.keys(fields)
  const slots = names.map((name) => slotFor(name, fields[name]!.scalar))
  return {
    slotOf: new Map(names.map((name, slot) => [name, slot])),
    slots,
    createPieces: () => names.map(() => ''),
  }
}

function slotFor(name: string, scalar: Scalar): Slot {
  const stored = scalar.canonical === 'hash' ? `${name}_hash` : (STORED_NAME[name] ?? name)
  return {
    label: `${JSON.stringify(stored)}:`,
    form: formOf(name, scalar),
    identity: scalar.identity,
    parts: scalar.fields ? planOf(scalar.fields) : undefined,
  }
}

function formOf(name: string, scalar: Scalar): Form {
  if (scalar.canonical === 'hash') return name === 'phone' ? 'phone' : 'email'
  if (scalar.canonical !== 'as_is') return scalar.canonical
  return formOfColumn(scalar.column)
}

function formOfColumn(column: Column): Form {
  switch (column.kind) {
    case 'struct':
    case 'list':
    case 'json':
      return column.kind
    case 'string':
    case 'date':
      return 'text'
    default:
      return 'literal'
  }
}
