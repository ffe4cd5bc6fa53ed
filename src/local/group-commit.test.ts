import { describe, expect, test } from 'vitest'
import { ShoplakeError } from '../errors.ts'
import { createGroupCommit } from './group-commit.ts'

/** A write that ends when the test says so. */
interface Write {
  readonly items: readonly string[]
  done(): void
  fail(message: string): void
}

function createTrial(options: { recover?: () => Promise<void>; maxGroupBytes?: number } = {}) {
  const writes: Write[] = []
  const told: string[] = []
  const group = createGroupCommit<string, string>({
    write: (items) =>
      new Promise((resolve, reject) => {
        writes.push({
          items,
          done: () => resolve(items.map((item) => `${item} written`)),
          fail: (message) => reject(new Error(message)),
        })
      }),
    sizeOf: (item) => item.length,
    maxGroupBytes: options.maxGroupBytes ?? 1000,
    failureOf: (error) => new ShoplakeError('stream_unavailable', (error as Error).message),
    recover: options.recover ?? (async () => {}),
  })
  const add = (item: string) =>
    group.add(item).then(
      (outcome) => told.push(outcome),
      (error: Error) => told.push(`${item} failed: ${error.message}`),
    )
  return { group, writes, told, add }
}

describe('group commit', () => {
  test('what comes in one turn is one write; what comes during it is the next', async () => {
    const { writes, told, add } = createTrial()
    const first = [add('a'), add('b')]
    await turn()
    const second = [add('c'), add('d'), add('e')]
    await turn()
    expect(writes.map((write) => write.items)).toEqual([['a', 'b']])
    writes[0]?.done()
    await Promise.all(first)
    await turn()
    expect(writes.map((write) => write.items)).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ])
    writes[1]?.done()
    await Promise.all(second)
    expect(told).toEqual(['a', 'b', 'c', 'd', 'e'].map((item) => `${item} written`))
  })

  test('a group is closed at its bytes, a larger item goes alone', async () => {
    const { writes, add } = createTrial({ maxGroupBytes: 4 })
    const all = ['aa', 'bb', 'c', 'dddddd', 'e'].map(add)
    for (let index = 0; index < 4; index++) {
      await turn()
      writes[index]?.done()
    }
    await Promise.all(all)
    expect(writes.map((write) => write.items)).toEqual([['aa', 'bb'], ['c'], ['dddddd'], ['e']])
  })

  test('after a failure all that waits fails in order, and what comes until it has recovered', async () => {
    let tries = 0
    let isBack = false
    const { group, writes, told, add } = createTrial({
      recover: async () => {
        tries++
        if (!isBack) throw new Error('still away')
      },
    })
    const lost = [add('a'), add('b')]
    await turn()
    lost.push(add('c'), add('d'))
    writes[0]?.fail('no space')
    await Promise.all(lost)
    expect(told).toEqual(['a', 'b', 'c', 'd'].map((item) => `${item} failed: no space`))
    await add('e')
    expect(told.at(-1)).toBe('e failed: no space')
    await until(() => tries >= 2)
    await add('f')
    expect(told.at(-1)).toBe('f failed: still away')
    isBack = true
    await until(() => group.broken() === undefined)
    const again = add('g')
    await turn()
    writes[1]?.done()
    await again
    expect(writes).toHaveLength(2)
    expect(told.at(-1)).toBe('g written')
  })

  test('close waits for what is queued, then refuses', async () => {
    const { group, writes, told, add } = createTrial()
    const last = add('a')
    await turn()
    const closing = group.close(new ShoplakeError('shutting_down', 'closed'))
    await add('b')
    writes[0]?.done()
    await Promise.all([closing, last])
    expect(told).toEqual(['b failed: closed', 'a written'])
    expect(group.runningMs()).toBe(0)
  })

  test('close while it is broken ends, and tries no more', async () => {
    let tries = 0
    const { group, writes, add } = createTrial({
      recover: async () => {
        tries++
        throw new Error('away')
      },
    })
    const lost = add('a')
    await turn()
    writes[0]?.fail('gone')
    await lost
    await until(() => tries === 1)
    await group.close(new ShoplakeError('shutting_down', 'closed'))
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(tries).toBe(1)
  })
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}
