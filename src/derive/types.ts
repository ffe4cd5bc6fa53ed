import { ENVELOPE } from '../schema/envelope.ts'
import { EVENT_TYPES, EVENTS, type EventType } from '../schema/registry.ts'
import type { Field, Fields, Scalar } from '../schema/scalar.ts'

/**
 * TypeScript declarations of every event on the wire, for code that must not import the validator: tracker and console.
 * `null` stands for absent where a field is optional.
 */
export function typeDeclarations(): string {
  return [
    '// Generated from src/schema by `npm run generate`. Do not edit.',
    '',
    ...declareInterface('Envelope', 'What every event may carry beside its own fields.', ENVELOPE),
    ...EVENT_TYPES.flatMap((type) =>
      declareInterface(
        interfaceName(type),
        EVENTS[type].description,
        EVENTS[type].fields,
        `event_type: '${type}'`,
      ),
    ),
    'export interface EventByType {',
    ...EVENT_TYPES.map((type) => `  ${type}: ${interfaceName(type)}`),
    '}',
    '',
    'export type EventType = keyof EventByType',
    '',
    'export type ShopEvent = EventByType[EventType]',
    '',
  ].join('\n')
}

/** `order_created` → `OrderCreated`. */
export function interfaceName(type: EventType): string {
  return type.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function declareInterface(
  name: string,
  description: string,
  fields: Fields,
  tag?: string,
): string[] {
  return [
    `/** ${description} */`,
    `export interface ${name}${tag ? ' extends Envelope' : ''} {`,
    ...(tag ? [`  ${tag}`] : []),
    ...declareFields(fields, '  '),
    '}',
    '',
  ]
}

function declareFields(fields: Fields, indent: string): string[] {
  return Object.entries(fields).flatMap(([name, field]) => [
    `${indent}/** ${field.description} */`,
    `${indent}${declareField(name, field, indent)}`,
  ])
}

function declareField(name: string, field: Field, indent: string): string {
  const type = typeOf(field.scalar, indent)
  return field.required ? `${name}: ${type}` : `${name}?: ${type} | null`
}

function typeOf(scalar: Scalar, indent: string): string {
  if (scalar.fields) {
    const body = declareFields(scalar.fields, `${indent}  `).join('\n')
    return `{\n${body}\n${indent}}${scalar.column.kind === 'list' ? '[]' : ''}`
  }
  if (scalar.canonical === 'money') return 'number | string'
  if (scalar.canonical === 'json') return '{ [key: string]: unknown }'
  const words = scalar.json_schema.enum as readonly string[] | undefined
  if (words) return words.map((word) => `'${word}'`).join(' | ')
  if (scalar.column.kind === 'boolean') return 'boolean'
  if (scalar.column.kind === 'string' || scalar.column.kind === 'timestamp') return 'string'
  return 'number'
}
