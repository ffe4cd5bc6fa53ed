import { expect, test } from 'vitest'
import { openDoor } from '../../test/door-fixture.ts'
import { ShoplakeError } from '../errors.ts'

const VIEW = { event_type: 'page_view', timestamp: '2025-01-15T10:20:00Z', event_id: 'view-1' }

test('when the stream fails, the ids are free again', async () => {
  const { send, stream } = openDoor()
  stream.failing = new ShoplakeError('disk_full', 'no room')
  await expect(send(VIEW)).rejects.toMatchObject({ code: 'disk_full', retryable: true })
  stream.failing = new Error('EIO')
  await expect(send(VIEW)).rejects.toMatchObject({ code: 'stream_unavailable' })
  stream.failing = undefined
  expect(await send(VIEW)).toMatchObject({ accepted: 1 })
})

/** A gate that an append waits at. */
function gate() {
  let open = () => {}
  const closed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { closed, open }
}

test('a request that meets an id in flight answers duplicate only once that one is durable', async () => {
  const { send, stream } = openDoor()
  const { closed, open } = gate()
  stream.gate = closed
  const order: string[] = []
  const first = send(VIEW).then(() => order.push('first'))
  const second = send([VIEW, { ...VIEW, event_id: 'view-2' }]).then((answer) => {
    order.push('second')
    return answer
  })
  const third = send({ ...VIEW, event_id: 'view-3' })
  expect(await third).toMatchObject({ accepted: 1 })
  expect(order).toEqual([])
  open()
  expect(await second).toMatchObject({ accepted: 1, duplicates: 1 })
  await first
  expect(order).toEqual(['first', 'second'])
})

test('when the first of two fails, the second fails too, and a third may try again', async () => {
  const { send, stream } = openDoor()
  const { closed, open } = gate()
  stream.gate = closed
  stream.failing = new ShoplakeError('stream_unavailable', 'gone')
  const both = Promise.allSettled([send(VIEW), send([VIEW, { ...VIEW, event_id: 'view-2' }])])
  open()
  for (const outcome of await both) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'stream_unavailable' } })
  }
  stream.failing = undefined
  expect(await send([VIEW, { ...VIEW, event_id: 'view-2' }])).toMatchObject({ accepted: 2 })
})

test('a request that waits for two fails with the one that fails first, while the other still lasts', async () => {
  const { send, stream } = openDoor()
  const other = { ...VIEW, event_id: 'view-2' }
  const lasting = gate()
  stream.gate = lasting.closed
  const first = send(VIEW)
  const brief = gate()
  stream.gate = brief.closed
  const second = send(other)
  const both = Promise.allSettled([send([VIEW, other])])
  stream.failing = new ShoplakeError('disk_full', 'no room')
  brief.open()
  await expect(second).rejects.toMatchObject({ code: 'disk_full' })
  stream.failing = undefined
  lasting.open()
  expect(await first).toMatchObject({ accepted: 1 })
  expect(await both).toMatchObject([{ status: 'rejected', reason: { code: 'disk_full' } }])
  expect(await send([VIEW, other])).toMatchObject({ accepted: 1, duplicates: 1 })
})
