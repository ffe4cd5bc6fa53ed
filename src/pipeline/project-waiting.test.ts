import { describe, expect, it } from 'vitest'
import { createWaiting, type Patience } from './project-waiting.ts'

/** One entry added at the first second, two more at the second. */
function filled(patience: Patience, clock = { at: 0 }) {
  const waiting = createWaiting<string>({ ...patience, now: () => clock.at })
  clock.at = 1000
  waiting.begin([0])
  waiting.add('a')
  clock.at = 2000
  waiting.begin([1])
  waiting.add('b')
  waiting.add('c')
  return waiting
}

describe('createWaiting', () => {
  it('keeps none waiting while they are few', () => {
    const waiting = filled({ few: 3, wait_ms: 9000, most: 9 })
    expect(waiting.leave()).toEqual(['a', 'b', 'c'])
    expect(waiting.since()).toBeUndefined()
  })

  it('lets those go that have waited for their time', () => {
    const clock = { at: 0 }
    const waiting = filled({ few: 0, wait_ms: 5000, most: 9 }, clock)
    clock.at = 5999
    expect(waiting.leave()).toEqual([])
    expect(waiting.since()).toEqual([0])
    clock.at = 6000
    waiting.begin([2])
    expect(waiting.leave()).toEqual(['a'])
    expect(waiting.since()).toEqual([1])
    expect(waiting.recent()).toBe(0)
  })

  it('lets the oldest go while there are too many', () => {
    const waiting = filled({ few: 0, wait_ms: 9000, most: 2 })
    expect(waiting.leave()).toEqual(['a'])
    expect([...waiting.entries()]).toEqual(['b', 'c'])
  })

  it('drains until few are left; what could not be written goes on waiting', async () => {
    const waiting = filled({ few: 1, wait_ms: 9000, most: 9 })
    const written: string[] = []
    const down = waiting.drain(() => Promise.reject(new Error('down')))
    await expect(down).rejects.toThrow('down')
    expect(waiting.since()).toEqual([0])
    expect(await waiting.drain(async (entries) => void written.push(...entries), 1)).toBe(true)
    expect(written).toEqual(['a'])
    expect(await waiting.drain(async (entries) => void written.push(...entries))).toBe(false)
    expect(written).toEqual(['a', 'b', 'c'])
    expect(waiting.since()).toBeUndefined()
    waiting.add('d')
    await waiting.drain(async (entries) => void written.push(...entries))
    expect(waiting.since()).toEqual([1])
  })
})
