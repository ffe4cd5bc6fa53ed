import { expect, test } from 'vitest'
import { openDoor, rowsOf } from '../../test/door-fixture.ts'
import { TABLES } from '../derive/table.ts'
import { EVENT_TYPES, EVENTS } from '../schema/registry.ts'

const EXAMPLES = EVENT_TYPES.map((type) => EVENTS[type].example)
const _VIEW = { event_type: 'page_view', timestamp: '2025-01-15T10:20:00Z', event_id: 'view-1' }

test('every example is taken, and its row has the columns of its table in stored order', async () => {
  const { send, stream } = openDoor()
  const answer = await send(EXAMPLES)
  expect(answer.results.filter((result) => result.verdict !== 'accepted')).toEqual([])
  const rows = rowsOf(stream.records)
  expect(rows).toHaveLength(EXAMPLES.length)
  for (const { type, row } of rows) {
    const columns = TABLES[type as keyof typeof TABLES].columns.map((column) => column.name)
    expect(Object.keys(row)).toEqual(columns.filter((name) => name in row))
    const required = TABLES[type as keyof typeof TABLES].columns.filter(
      (column) => column.required && column.name !== 'written_at',
    )
    expect(required.filter((column) => row[column.name] === undefined)).toEqual([])
  }
  expect(stream.appends).toBe(1)
})
