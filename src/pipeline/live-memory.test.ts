import { describe, expect, it } from 'vitest'
import { createLiveMemory } from './live-memory.ts'

const NOON = Date.parse('2025-02-01T12:00:00Z')
const at = (second: number) => new Date(NOON + second * 1000).toISOString()

function openMemory() {
  const live = createLiveMemory({ currency: 'USD', time_zone: 'UTC' })
  return { live, visitorsAt: (second: number) => live.now(NOON + second * 1000).visitors }
}

describe('visitors of the live view', () => {
  it('are counted once, for five minutes from their last moment', () => {
    const { live, visitorsAt } = openMemory()
    const visit = { session_id: 's1' }
    live.visitor(visit, at(0))
    live.visitor(visit, at(200))
    live.visitor(visit, at(100))
    live.visitor({ session_id: 's1' }, at(150))
    live.visitor({ session_id: 's2' }, at(10))
    expect(visitorsAt(200)).toBe(2)
    expect(visitorsAt(320)).toBe(1)
    expect(visitorsAt(501)).toBe(0)
  })

  it('come back with the same document after they were forgotten', () => {
    const { live, visitorsAt } = openMemory()
    const visit = { session_id: 's1' }
    live.visitor(visit, at(0))
    expect(visitorsAt(400)).toBe(0)
    live.visitor(visit, at(400))
    expect(visitorsAt(400)).toBe(1)
    live.forget('s1')
    expect(visitorsAt(400)).toBe(0)
    live.visitor({ ...visit, session_id: 's2' }, at(401))
    expect(visitorsAt(401)).toBe(1)
  })

  it('are bounded: those that came first are forgotten', () => {
    const { live, visitorsAt } = openMemory()
    for (let index = 0; index < 210_000; index++) {
      live.visitor({ session_id: `s${index}` }, at(index / 1000))
    }
    expect(visitorsAt(210)).toBeGreaterThan(180_000)
    expect(visitorsAt(210)).toBeLessThanOrEqual(200_000)
    // The youngest are there: nobody new is counted.
    const held = visitorsAt(210)
    live.visitor({ session_id: 's209999' }, at(210))
    expect(visitorsAt(210)).toBe(held)
  })
})
