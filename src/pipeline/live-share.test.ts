import { describe, expect, it } from 'vitest'
import { createFoldWorkspace } from './fold-workspace.ts'
import { LIVE_KEY, type LiveShare, watchVisits } from './live-share.ts'

const NOON = Date.parse('2025-02-01T12:00:00Z')

/** The share after so many visits, a millisecond apart, each with a cart. */
function shareOf(visits: number, nameOf: (index: number) => string): LiveShare {
  const workspace = createFoldWorkspace({ loaded: new Map(), scanned: new Set() }, () => undefined)
  workspace.at('1')
  const watch = watchVisits(workspace)
  for (let index = 0; index < visits; index++) {
    const at = new Date(NOON + index).toISOString()
    watch.visitor({ session_id: nameOf(index) }, at)
    watch.cart(nameOf(index), at, 1_999_000n)
  }
  return workspace.editShare<LiveShare>('live', LIVE_KEY, () => ({ visitors: {}, carts: {} }))
}

describe('watchVisits', () => {
  it('keeps the latest moment of a visit, and its cart until it is empty', () => {
    const workspace = createFoldWorkspace(
      { loaded: new Map(), scanned: new Set() },
      () => undefined,
    )
    workspace.at('1')
    const watch = watchVisits(workspace)
    watch.visitor({ session_id: 's1' }, '2025-02-01T12:00:01.000Z')
    watch.visitor({ session_id: 's1' }, '2025-02-01T12:00:00.000Z')
    watch.cart('s1', '2025-02-01T12:00:00.000Z', 5n)
    watch.cart('s2', '2025-02-01T12:00:00.000Z', 5n)
    watch.cart('s2', '2025-02-01T12:00:00.000Z', undefined)
    watch.visitor({ session_id: 's3' }, '2025-02-01T12:00:00.000Z')
    watch.forget('s3')
    const share = workspace.editShare<object>('live', LIVE_KEY, () => ({}))
    expect(share).toEqual({
      visitors: { s1: '2025-02-01T12:00:01.000Z' },
      carts: { s1: { at: '2025-02-01T12:00:00.000Z', value: '5' } },
    })
  })

  it('fits into an item of 400 KB, whatever visits are called, and forgets the oldest', () => {
    for (const nameOf of [
      (index: number) => `s${index}`,
      (index: number) => `${index}-${'é\u0001'.repeat(100)}`,
    ]) {
      const { visitors, carts } = shareOf(8000, nameOf)
      expect(Buffer.byteLength(JSON.stringify({ visitors, carts }))).toBeLessThan(390_000)
      expect(visitors[nameOf(7999)]).toBeDefined()
      expect(carts[nameOf(7999)]).toBeDefined()
      expect(visitors[nameOf(0)]).toBeUndefined()
      expect(Object.keys(visitors).length).toBeGreaterThan(100)
    }
  })
})
