import { expect, test } from 'vitest'
import { createPoll } from './poll.ts'

test('one look at a time; a failed one is told, the next one comes, and stop waits for the last', async () => {
  const looks: { end(): void; fail(error: Error): void }[] = []
  const errors: unknown[] = []
  const work = () =>
    new Promise<void>((end, fail) => {
      looks.push({ end, fail })
    })
  const poll = createPoll(1, work, (error) => errors.push(error))
  await expect.poll(() => looks.length).toBe(1)
  for (let n = 0; n < 5; n++) poll.look()
  expect(looks).toHaveLength(1)
  const gone = new Error('gone')
  looks[0]!.fail(gone)
  await expect.poll(() => looks.length).toBe(2)
  expect(errors).toEqual([gone])
  let stopped = false
  const stopping = poll.stop().then(() => {
    stopped = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(stopped).toBe(false)
  looks[1]!.end()
  await stopping
  expect(looks).toHaveLength(2)
})
