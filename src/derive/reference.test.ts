import { describe, expect, it } from 'vitest'
import { environmentName, SETTINGS, type SettingName } from '../config.ts'
import { ERRORS } from '../errors.ts'
import { METRICS } from '../metrics.ts'
import { EVENT_TYPES, EVENTS } from '../schema/registry.ts'
import { REJECTIONS } from '../schema/rejection.ts'
import { referencePages } from './reference.ts'
import { TABLES } from './table.ts'

const PAGES = referencePages()

describe('reference pages', () => {
  it('name everything that there is', () => {
    for (const type of EVENT_TYPES) {
      expect(PAGES['events.md']).toContain(`## ${type}\n`)
      for (const name of Object.keys(EVENTS[type].fields)) {
        expect(PAGES['events.md']).toContain(`| \`${name}\` |`)
      }
      for (const { name } of TABLES[type].columns) {
        expect(PAGES['columns.md']).toContain(`| \`${name}\` |`)
      }
    }
    for (const reason of Object.keys(REJECTIONS)) {
      expect(PAGES['rejections.md']).toContain(`| \`${reason}\` |`)
    }
    for (const code of Object.keys(ERRORS)) expect(PAGES['errors.md']).toContain(`| \`${code}\` |`)
    for (const name of Object.keys(METRICS)) expect(PAGES['metrics.md']).toContain(name)
    for (const name of Object.keys(SETTINGS) as SettingName[]) {
      expect(PAGES['settings.md']).toContain(environmentName(name))
    }
  })

  it('have as many cells in each row of a table as in its head', () => {
    for (const page of Object.values(PAGES)) {
      for (const block of page
        .trimEnd()
        .split('\n\n')
        .filter((text) => text.startsWith('| '))) {
        const widths = block.split('\n').map((line) => line.split(/(?<!\\)\|/).length)
        expect(new Set(widths).size).toBe(1)
      }
    }
  })
})
