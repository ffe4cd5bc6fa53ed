import { describe, expect, it } from 'vitest'
import { createWaiting } from './project-waiting.ts'

function filled(patience: { few: number; commits: number; most: number }) {
  const waiting = createWaiting<string>(patience)
  waiting.begin([0])
  waiting.add('a')
  waiting.begin([1])
  waiting.add('b')
  waiting.add('c')
  return waiting
}

describe('createWaiting', () => {
  it('keeps none waiting while they are few', () => {
    const waiting = filled({ few: 3, commits: 9, most: 9 })
    expect(waiting.leave()).toEqual(['a', 'b', 'c'])
    expect(waiting.since()).toBeUndefined()
  })

  it('lets those go that have waited for their number of commits', () => {
    const waiting = filled({ few: 0, commits: 2, most: 9 })
    expect(waiting.leave()).toEqual([])
    expect(waiting.since()).toEqual([0])
    waiting.begin([2])
    expect(waiting.leave()).toEqual(['a'])
    expect(waiting.since()).toEqual([1])
    expect(waiting.recent()).toBe(0)
  })

  it('lets the oldest go while there are too many', () => {
    const waiting = filled({ few: 0, commits: 9, most: 2 })
    expect(waiting.leave()).toEqual(['a'])
    expect([...waiting.entries()]).toEqual(['b', 'c'])
  })

  it('drains until few are left; what could not be written goes on waiting', async () => {
    const waiting = filled({ few: 1, commits: 9, most: 9 })
    const written: string[] = []
    const down = waiting.drain(() => Promise.reject(new Error('down')))
    await expect(down).rejects.toThrow('down')
    expect(waiting.since()).toEqual([0])
    await waiting.drain(async (entries) => void written.push(...entries))
    expect(written).toEqual(['a', 'b', 'c'])
    expect(waiting.since()).toBeUndefined()
    waiting.add('d')
    await waiting.drain(async (entries) => void written.push(...entries))
    expect(waiting.since()).toEqual([1])
  })
})
