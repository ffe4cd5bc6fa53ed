import { expect, it } from 'vitest'
import { steadyLog } from './steady-log.ts'

function watched() {
  const lines: [string, object, string][] = []
  const write = (level: string) => (fields: object, message: string) => {
    lines.push([level, fields, message])
  }
  const clock = { at: 0 }
  const log = { info: write('info'), warn: write('warn'), error: write('error') }
  return { lines, clock, log: steadyLog(log, () => clock.at) }
}

it('says a kind of line once in ten seconds, then how many there were', () => {
  const { lines, clock, log } = watched()
  for (let index = 0; index < 500; index++) log.warn({ code: 'disk_full', request_id: index }, 'no')
  clock.at = 10_000
  log.warn({ code: 'disk_full', request_id: 500 }, 'no')
  log.warn({ code: 'disk_full', request_id: 501 }, 'no')
  expect(lines).toEqual([
    ['warn', { code: 'disk_full', request_id: 0 }, 'no'],
    ['warn', { code: 'disk_full', request_id: 500, more: 499 }, 'no'],
  ])
})

it('keeps kinds apart by level, message, code, route and status', () => {
  const { lines, log } = watched()
  log.info({ code: 'a' }, 'no')
  log.warn({ code: 'a' }, 'no')
  log.warn({ code: 'b' }, 'no')
  log.warn({ code: 'b' }, 'yes')
  log.warn({ code: 'b', route: '/x' }, 'yes')
  log.warn({ code: 'b', route: '/x', status: 503 }, 'yes')
  expect(lines).toHaveLength(6)
})

it('does not grow with what it hears', () => {
  const { lines, log } = watched()
  for (let index = 0; index < 3000; index++) log.error({ code: String(index) }, 'no')
  expect(lines).toHaveLength(3000)
})
