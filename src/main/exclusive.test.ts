import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { awaitExclusive, holderOf, takeExclusive } from './exclusive.ts'

let directory: string
let file: string

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'shoplake-lock-'))
  file = path.join(directory, 'run', 'supervisor.lock')
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** A lock as a process that has ended left it. */
async function leaveStale(): Promise<void> {
  takeExclusive(file)()
  const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
  await new Promise((resolve) => child.once('exit', resolve))
  writeFileSync(file, `${child.pid} 12345`)
}

it('is held by one, names the holder, and leaves nothing behind', () => {
  const release = takeExclusive(file)
  expect(holderOf(file)).toBe(process.pid)
  expect(() => takeExclusive(file)).toThrow(
    new RegExp(`process ${process.pid} already serves ${directory}`),
  )
  release()
  expect(holderOf(file)).toBeUndefined()
  expect(readdirSync(path.dirname(file))).toEqual([])
})

it('takes over what a process that ended has left', async () => {
  await leaveStale()
  expect(holderOf(file)).toBeUndefined()
  const release = takeExclusive(file)
  expect(holderOf(file)).toBe(process.pid)
  release()
})

it('a process number that is used again does not hold the lock of the old process', () => {
  takeExclusive(file)()
  writeFileSync(file, `${process.pid} 1`)
  expect(holderOf(file)).toBeUndefined()
  takeExclusive(file)()
})

it('a process of another container holds it as long as it touches it', async () => {
  takeExclusive(file)()
  writeFileSync(file, `${process.pid} 1 pid:[1]`)
  const elsewhere = spawn(process.execPath, [
    '-e',
    `setInterval(() => require('fs').utimesSync(process.argv[1], new Date(), new Date()), 200)`,
    file,
  ])
  await new Promise((resolve) => elsewhere.once('spawn', resolve))
  try {
    expect(() => takeExclusive(file)).toThrow(/stop it in its container/)
  } finally {
    elsewhere.kill('SIGKILL')
  }
  expect(holderOf(file)).toBeUndefined()
  takeExclusive(file)()
}, 60_000)

it('is touched while it is held', async () => {
  const release = takeExclusive(file)
  const touchedAt = () => statSync(file).mtimeMs
  const first = touchedAt()
  while (touchedAt() === first) await new Promise((resolve) => setTimeout(resolve, 100))
  release()
})

it('takes an empty or torn file for nobody', () => {
  takeExclusive(file)()
  writeFileSync(file, '')
  const release = takeExclusive(file)
  expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`^${process.pid} `))
  release()
})

it('waits while the holder ends, and gives up in the end', async () => {
  const release = takeExclusive(file)
  const waiting = awaitExclusive(file, 10_000)
  setTimeout(release, 20)
  const second = await waiting
  await expect(awaitExclusive(file, 0)).rejects.toMatchObject({ code: 'data_dir_in_use' })
  second()
})

it.runIf(process.platform === 'linux')(
  'takes over from a process that ended unwaited for',
  async () => {
    // The shell becomes `sleep 30`, which waits for no child.
    const parent = spawn('sh', ['-c', 'sleep 30 & echo $!; exec sleep 30'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)))
      const fields = () => {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      }
      takeExclusive(file)()
      writeFileSync(file, `${pid} ${fields()[19]}`)
      // Before it is `sleep` the shell would still wait for its child.
      const commandOf = () => readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim()
      while (commandOf() !== 'sleep') await new Promise((resolve) => setTimeout(resolve, 5))
      process.kill(pid, 'SIGKILL')
      while (fields()[0] !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5))
      expect(holderOf(file)).toBeUndefined()
      takeExclusive(file)()
    } finally {
      parent.kill('SIGKILL')
    }
  },
)
