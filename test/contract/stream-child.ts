import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ShoplakeError } from '../../src/errors.ts'
import { openSegment } from '../../src/local/lmdb-segment.ts'
import { type LmdbStream, openLmdbStream } from '../../src/local/lmdb-stream.ts'
import { listSegments, segmentDirectory } from '../../src/local/stream-files.ts'
import { NO_METRICS } from '../../src/metrics.ts'

/**
 * A process of its own for stream-processes.test.ts. Arguments: what to do, directory, token, bytes of a segment.
 * `write` appends for ever, eight requests at a time; `steps` appends twenty, each after the one before, and ends; `read` follows
 * bucket 0; `open` opens and closes the newest segment for ever. Prints one line per thing that happened.
 */
if (process.argv[2] === 'open') await openForEver(process.argv[3]!)
const [task, directory = '', token = '', segmentBytes = '400000'] = process.argv.slice(2)
const BUCKETS = 4

const stream = await openLmdbStream({
  directory,
  buckets: BUCKETS,
  config: { stream_max_bytes: 2_000_000_000, stream_hours: 48, disk_reserve_bytes: 0 },
  metrics: NO_METRICS,
  now: Date.now,
  readOnly: task === 'read',
  segmentMaxBytes: Number(segmentBytes),
})
say('ready')
if (task === 'read') await follow(stream)
else if (task === 'steps') await writeSteps()
else await Promise.all(Array.from({ length: 8 }, writeForEver))

async function writeSteps(): Promise<void> {
  for (let index = 0; index < 20; index++) {
    await stream.append([{ bucket: index % BUCKETS, data: Buffer.from(`${token}-${index}`) }])
    say(`ack ${token}-${index}`)
  }
  await stream.close()
}

async function writeForEver(_: unknown, writer: number): Promise<void> {
  for (let index = 0; ; index++) {
    const name = `${token}-${writer}-${index}`
    // A request falls into one to four buckets; a padding makes segments roll.
    const records = Array.from({ length: 1 + (index % BUCKETS) }, (_, bucket) => ({
      bucket,
      data: Buffer.from(`${name} ${1 + (index % BUCKETS)} ${'x'.repeat((index * 37) % 3000)}`),
    }))
    try {
      const answer = await stream.append(records)
      say(`ack ${name} ${answer.map(({ sequence }) => sequence).join(',')}`)
    } catch (error) {
      say(`error ${(error as ShoplakeError).code} ${error instanceof ShoplakeError}`)
      await sleep(20)
    }
  }
}

async function openForEver(stream: string): Promise<void> {
  for (let times = 1; ; times++) {
    const number = listSegments(stream).at(-1)!
    await openSegment(segmentDirectory(stream, number), number, { readOnly: true })?.close()
    say(`opened ${times}`)
    await sleep(Math.random() * 3)
  }
}

async function follow(reader: LmdbStream): Promise<void> {
  for (let position = 0; ; await sleep(5)) {
    for await (const batch of reader.read('lake', 0, position, 100_000)) {
      if (batch.first !== position + 1) say(`gap ${position} ${batch.first}`)
      position = batch.last
      say(`seen ${position}`)
    }
  }
}

/** At once and whole, so that what was said before a kill has arrived. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}
