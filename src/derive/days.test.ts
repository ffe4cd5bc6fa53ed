import { describe, expect, it } from 'vitest'
import { FIRST_DAY, isWithin, joinDays, LAST_DAY, shiftDay } from './days.ts'

describe('days', () => {
  it('shift over months and leap days; the first and the last stay', () => {
    expect(shiftDay('2024-02-28', 1)).toBe('2024-02-29')
    expect(shiftDay('2026-01-01', -1)).toBe('2025-12-31')
    expect(shiftDay(FIRST_DAY, -3)).toBe(FIRST_DAY)
    expect(shiftDay(LAST_DAY, 3)).toBe(LAST_DAY)
  })

  it('join where they overlap or follow each other, whatever their order', () => {
    const ranges = [
      { from: '2026-03-05', to: '2026-03-06' },
      { from: '2026-03-01', to: '2026-03-03' },
      { from: '2026-03-02', to: '2026-03-02' },
      { from: '2026-03-07', to: '2026-03-08' },
    ]
    expect(joinDays(ranges)).toEqual([
      { from: '2026-03-01', to: '2026-03-03' },
      { from: '2026-03-05', to: '2026-03-08' },
    ])
    expect(joinDays([{ from: '2026-03-02', to: LAST_DAY }, ...ranges])).toEqual([
      { from: '2026-03-01', to: LAST_DAY },
    ])
    expect(isWithin('2026-03-03', ranges)).toBe(true)
    expect(isWithin('2026-03-04', ranges)).toBe(false)
  })
})
