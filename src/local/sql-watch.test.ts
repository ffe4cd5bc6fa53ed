import { describe, expect, test } from 'vitest'
import { createWatch, type StopReason } from './sql-watch.ts'

describe('createWatch', () => {
  const watching = (bytes: { now: number | undefined }) => {
    const stuck: string[] = []
    const reasons: StopReason[] = []
    const watch = createWatch({
      memory_max_bytes: 1000,
      stuck_ms: 200,
      onStuck: (reason) => stuck.push(reason),
      memoryBytes: () => bytes.now,
    })
    const query = { interrupt: (reason: StopReason) => reasons.push(reason) }
    return { watch, stuck, reasons, query }
  }

  test('a query that was stopped is interrupted again and again, then the process is given up, once', async () => {
    const { watch, stuck, reasons, query } = watching({ now: 0 })
    watch.add(query)
    watch.stop(query, 'timeout')
    watch.stop(query, 'cancelled')
    await expect.poll(() => stuck).toEqual(['a query does not stop'])
    await expect.poll(() => reasons.length).toBeGreaterThan(6)
    watch.remove(query)
    expect(new Set(reasons)).toEqual(new Set(['timeout']))
    expect(stuck).toHaveLength(1)
    watch.stop(query, 'cancelled')
    expect(reasons).not.toContain('cancelled')
  })

  test('memory beyond the limit interrupts what runs; twice of it gives the process up', async () => {
    const bytes = { now: 900 as number | undefined }
    const { watch, stuck, reasons, query } = watching(bytes)
    watch.add(query)
    await new Promise((resolve) => setTimeout(resolve, 120))
    expect(reasons).toEqual([])
    bytes.now = 1500
    await expect.poll(() => reasons[0]).toBe('memory')
    watch.remove(query)
    expect(stuck).toEqual([])
    bytes.now = 2500
    watch.add(query)
    await expect.poll(() => stuck).toEqual(['queries hold 2500 bytes'])
    watch.remove(query)
  })

  test('where memory cannot be known nothing is stopped for it', async () => {
    const { watch, reasons, query } = watching({ now: undefined })
    watch.add(query)
    await new Promise((resolve) => setTimeout(resolve, 120))
    watch.remove(query)
    expect(reasons).toEqual([])
  })
})
