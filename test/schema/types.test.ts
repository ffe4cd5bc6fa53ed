import { describe, expect, expectTypeOf, it } from 'vitest'
import type * as Generated from '../../generated/events.d.ts'
import { interfaceName, typeDeclarations } from '../../src/derive/types.ts'
import { ENVELOPE } from '../../src/schema/envelope.ts'
import { EVENT_TYPES, type EventFields, type EventType } from '../../src/schema/registry.ts'
import type { ValueOf } from '../../src/schema/scalar.ts'

/** What the validator takes, by inference from the definitions. */
type Inferred<T extends EventType> = Omit<ValueOf<typeof ENVELOPE>, keyof EventFields<T>> &
  EventFields<T> & { event_type: T }

/** `true` for each type whose inferred and generated forms can stand for each other. */
type Agreement = {
  [T in EventType]: Inferred<T> extends Generated.EventByType[T]
    ? Generated.EventByType[T] extends Inferred<T>
      ? true
      : ['the generated type is wider', T]
    : ['the generated type is narrower', T]
}

describe('generated types', () => {
  it('are the inferred ones', () => {
    expectTypeOf<Agreement>().toEqualTypeOf<{ [T in EventType]: true }>()
    expectTypeOf<Generated.EventType>().toEqualTypeOf<EventType>()
    expectTypeOf<ValueOf<typeof ENVELOPE>>().toExtend<Generated.Envelope>()
    expectTypeOf<Generated.Envelope>().toExtend<ValueOf<typeof ENVELOPE>>()
  })

  it('declare one interface per event type and every envelope field', () => {
    const text = typeDeclarations()
    for (const type of EVENT_TYPES) {
      expect(text).toContain(`export interface ${interfaceName(type)} extends Envelope {`)
    }
    for (const name of Object.keys(ENVELOPE))
      expect(text).toMatch(new RegExp(`\\n {2}${name}\\??:`))
  })
})
