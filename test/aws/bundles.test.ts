import { mkdtemp, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleLambdas, functionNames } from '../../scripts/lambda-bundles.mjs'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-aws-bundles-'))
  await bundleLambdas(directory)
})
afterAll(() => rm(directory, { recursive: true }))

test('every function has a bundle, and there is one per function', () => {
  expect(functionNames()).toEqual(
    expect.arrayContaining(['authorize', 'collect', 'update-store', 'write-lake']),
  )
})

// What a function loads before its first answer: a cold start grows with it.
test.each(functionNames())('%s is at most 1 MB', async (name) => {
  const { size } = await stat(path.join(directory, name, 'index.mjs'))
  expect(size).toBeLessThanOrEqual(1_000_000)
})
