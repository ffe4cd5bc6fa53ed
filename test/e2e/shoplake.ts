import { spawn } from 'node:child_process'
import path from 'node:path'
import type { Json } from './server.ts'

const CLI = path.resolve('dist/cli.js')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** stdout, parsed. */
  json(): Json
}

/** A command as a user types it. It is told to stop once stdout matches `until`, or stderr `untilTold`. */
export function shoplake(
  words: readonly string[],
  options: { input?: string; until?: RegExp; untilTold?: RegExp; cwd?: string } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  const [out, talk]: [Buffer[], Buffer[]] = [[], []]
  const textOf = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8')
  /** A second signal would not wait for the stop in order. */
  const stop = () => void (child.killed || child.kill())
  child.stdout.on('data', (chunk: Buffer) => {
    out.push(chunk)
    if (options.until?.test(textOf(out))) stop()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    talk.push(chunk)
    if (options.untilTold?.test(textOf(talk))) stop()
  })
  // Commands that do not read it may be gone before it is written.
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input ?? '')
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      const stdout = textOf(out)
      resolve({ code, stdout, stderr: textOf(talk), json: () => JSON.parse(stdout) })
    })
  })
}
