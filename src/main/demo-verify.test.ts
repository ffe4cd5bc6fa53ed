import { expect, test } from 'vitest'
import { type Findings, verifyPatiently } from './demo-verify.ts'
import type { Figure } from './figure.ts'

const FIGURE: Figure = { group: 'ledger', figure: 'accepted', truth: '2', ours: '2', equal: true }
const SHORT: Figure = { ...FIGURE, ours: '1', equal: false }
const EVER = { patience_ms: Number.POSITIVE_INFINITY, pauses_ms: [0], isRunning: () => true }

/** Looks that come to each of these in turn, and how many were taken. */
function looks(...found: readonly (Findings | Error)[]) {
  const left = [...found]
  return {
    left,
    async look() {
      const next = left.shift() ?? new Error('asked too often')
      if (next instanceof Error) throw next
      return next
    },
  }
}

test('a look that fails is taken again', async () => {
  const { look } = looks(
    new Error('All SQL slots are taken'),
    new Error('The SQL reached a limit'),
    { figures: [FIGURE], settled: true },
  )
  expect(await verifyPatiently(look, EVER)).toEqual({ figures: [FIGURE] })
})

test('figures that differ count once everything has settled', async () => {
  const { look, left } = looks(
    { figures: [SHORT], settled: false },
    { figures: [SHORT], settled: true },
    { figures: [FIGURE], settled: true },
  )
  expect(await verifyPatiently(look, EVER)).toEqual({ figures: [SHORT] })
  expect(left).toHaveLength(1)
})

test('after a while it says what was found last, or why nothing was', async () => {
  const patience = { ...EVER, patience_ms: 0 }
  const failing = looks(new Error('All SQL slots are taken'))
  expect(await verifyPatiently(failing.look, patience)).toEqual({
    failure: 'All SQL slots are taken',
  })
  const behind = looks({ figures: [SHORT], settled: false })
  expect(await verifyPatiently(behind.look, patience)).toEqual({ figures: [SHORT] })
})

test('it ends with whoever wanted to know', async () => {
  let running = true
  const { look } = looks(new Error('gone'))
  const stopping = async () => {
    running = false
    return look()
  }
  expect(await verifyPatiently(stopping, { ...EVER, isRunning: () => running })).toBeUndefined()
})
