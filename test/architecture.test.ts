import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '..')

/** What a folder of src/ may import: ours by folder or file, and packages by name. Node's own modules stand under `node`. */
interface Allowed {
  readonly ours: readonly string[]
  readonly packages?: readonly string[]
  readonly node?: 'any' | readonly string[]
}

/** Modules without side effects, for folders that are otherwise pure. */
const PURE_NODE = ['node:crypto', 'node:net', 'node:util', 'node:buffer', 'node:url', 'node:path']

/** The dependency table of ARCHITECTURE.md. Every folder may import itself; all but `schema` may import the leaves. */
const TABLE: { readonly [folder: string]: Allowed } = {
  schema: { ours: [], packages: ['zod'] },
  derive: { ours: ['schema'] },
  'ports.ts': { ours: ['schema'] },
  'share-ports.ts': { ours: ['ports.ts'] },
  'config.ts': { ours: [] },
  'errors.ts': { ours: [] },
  'metrics.ts': { ours: [] },
  'pace.ts': { ours: [], node: ['node:timers/promises'] },
  'poll.ts': { ours: [] },
  pipeline: {
    ours: ['schema', 'derive', 'ports.ts', 'share-ports.ts'],
    packages: ['bowser', 'isbot', 'uuid', 'zod'],
    node: PURE_NODE,
  },
  sources: {
    ours: ['schema'],
    packages: ['csv-parse'],
    // read-rows.ts reads the files of an import; nothing else there touches the disk.
    node: [...PURE_NODE, 'node:fs', 'node:readline', 'node:stream', 'node:zlib'],
  },
  simulator: { ours: ['schema'], packages: ['pure-rand'] },
  reports: { ours: ['schema', 'derive'], node: PURE_NODE },
  consume: { ours: ['pipeline', 'ports.ts', 'share-ports.ts', 'schema'], node: 'any' },
  local: {
    ours: ['ports.ts', 'schema', 'derive'],
    packages: ['lmdb', '@duckdb/node-api'],
    node: 'any',
  },
  aws: {
    ours: ['ports.ts', 'share-ports.ts', 'schema', 'derive'],
    packages: [
      '@aws-sdk/client-athena',
      '@aws-sdk/client-cloudformation',
      '@aws-sdk/client-cloudwatch',
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-kinesis',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-secrets-manager',
      '@smithy/node-http-handler',
      'hyparquet',
      'hyparquet-writer',
    ],
    node: 'any',
  },
  monitor: { ours: ['ports.ts', 'schema'], node: PURE_NODE },
  http: {
    ours: ['ports.ts', 'schema', 'derive', 'sources', 'reports', 'monitor', 'pipeline/collect.ts'],
    packages: ['hono'],
    node: 'any',
  },
  main: {
    ours: ['*'],
    packages: [
      '@hono/node-server',
      'cli-progress',
      'commander',
      'hono',
      'picocolors',
      'pino',
      'pino-pretty',
      'prom-client',
    ],
    node: 'any',
  },
}

const LEAVES = ['config.ts', 'errors.ts', 'metrics.ts', 'pace.ts', 'poll.ts']

function filesUnder(folder: string, ending: string): string[] {
  const from = path.join(ROOT, folder)
  if (!existsSync(from)) return []
  return readdirSync(from, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && statSync(path.join(from, name)).isFile())
    .map((name) => path.join(folder, name))
    .filter((name) => !name.includes('node_modules'))
}

const SOURCES = filesUnder('src', '.ts')
/** Tests may reach further: they join what the product keeps apart. */
const PRODUCT = SOURCES.filter((file) => !file.endsWith('.test.ts') && !file.includes('/testing/'))

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
}

/** Comments may speak of what code must not do. */
function codeOf(file: string): string {
  return read(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
}

interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

function importsOf(code: string): Import[] {
  const found = code.matchAll(
    /^\s*(?:import|export)\b(\s+type\b)?\s*([\w*{}\s,$]+?\s*\bfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  )
  return [...found].map((match) => ({
    specifier: match[3] ?? match[4]!,
    typeOnly: match[1] !== undefined || areAllTypes(match[2] ?? ''),
  }))
}

/** `{ type A, type B } from`: nothing is left of it when it runs. */
function areAllTypes(clause: string): boolean {
  const names = /^\s*\{([^}]*)\}\s*from\s*$/.exec(clause)?.[1]?.split(',') ?? ['']
  return (
    names.filter((name) => name.trim()).every((name) => /^\s*type\s/.test(name)) && clause !== ''
  )
}

/** `src/http/app.ts` → `http`; `src/ports.ts` → `ports.ts`. */
function folderOf(file: string): string {
  return path.relative('src', file).split(path.sep)[0]!
}

function problemsOf(file: string, code: string): string[] {
  const folder = folderOf(file)
  const allowed = TABLE[folder]
  if (!allowed) return [`${file}: ${folder} is not in the dependency table`]
  return importsOf(code)
    .filter((one) => !mayImport(file, folder, allowed, one))
    .map((one) => `${file} imports ${one.specifier}`)
}

function mayImport(file: string, folder: string, allowed: Allowed, one: Import): boolean {
  const { specifier } = one
  if (specifier.startsWith('.')) return mayImportOurs(file, folder, allowed, one)
  if (specifier.startsWith('node:')) {
    return allowed.node === 'any' || (allowed.node ?? []).includes(specifier)
  }
  return (allowed.packages ?? []).includes(packageOf(specifier))
}

function mayImportOurs(file: string, folder: string, allowed: Allowed, one: Import): boolean {
  const target = path.relative('src', path.join(path.dirname(file), one.specifier))
  const targetFolder = target.split(path.sep)[0]!
  if (targetFolder === '..') return false
  if (allowed.ours.includes('*') || targetFolder === folder) return true
  if (LEAVES.includes(target)) return folder !== 'schema'
  if (/^(share-)?ports\.ts$/.test(target) && folder === 'pipeline') return one.typeOnly
  return allowed.ours.includes(targetFolder) || allowed.ours.includes(target)
}

function filesImportedBy(file: string): string[] {
  return importsOf(codeOf(file))
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => path.join(path.dirname(file), specifier))
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

describe('dependencies', () => {
  it('follow the table', () => {
    expect(PRODUCT.length).toBeGreaterThan(30)
    expect(PRODUCT.flatMap((file) => problemsOf(file, codeOf(file)))).toEqual([])
  })

  it('are found in every form that the language has', () => {
    const code = `import fs from 'node:fs'
      import { a,
        b as c } from '../local/lmdb-stream.ts'
      import type { Door } from '../http/app.ts'
      import * as z from 'zod'
      export { d } from '../main/cli.ts'
      const late = await import('../aws/kinesis-stream.ts')
      import 'side-effect'`
    expect(problemsOf('src/reports/compile.ts', code)).toEqual([
      'src/reports/compile.ts imports node:fs',
      'src/reports/compile.ts imports ../local/lmdb-stream.ts',
      'src/reports/compile.ts imports ../http/app.ts',
      'src/reports/compile.ts imports zod',
      'src/reports/compile.ts imports ../main/cli.ts',
      'src/reports/compile.ts imports ../aws/kinesis-stream.ts',
      'src/reports/compile.ts imports side-effect',
    ])
  })

  it('let pipeline see ports as types only, and http one file of pipeline', () => {
    const value = `import { x } from '../ports.ts'`
    const type = `import type { Stream } from '../ports.ts'`
    expect(problemsOf('src/pipeline/a.ts', value)).toHaveLength(1)
    expect(problemsOf('src/pipeline/a.ts', type)).toEqual([])
    const inline = `import { type Stream, type Lake } from '../ports.ts'`
    expect(problemsOf('src/pipeline/a.ts', inline)).toEqual([])
    expect(problemsOf('src/pipeline/a.ts', inline.replace('type Lake', 'lake'))).toHaveLength(1)
    expect(problemsOf('src/http/a.ts', `import { a } from '../pipeline/collect.ts'`)).toEqual([])
    expect(problemsOf('src/http/a.ts', `import { a } from '../pipeline/record.ts'`)).toHaveLength(1)
    expect(problemsOf('src/schema/a.ts', `import { a } from '../errors.ts'`)).toHaveLength(1)
  })

  it('run in no circle, not even of types', () => {
    const imported = new Map(PRODUCT.map((file) => [file, filesImportedBy(file)]))
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (file: string, way: readonly string[]) => {
      const at = way.indexOf(file)
      if (at !== -1) circles.push([...way.slice(at), file].join(' → '))
      if (at !== -1 || done.has(file)) return
      for (const next of imported.get(file) ?? []) visit(next, [...way, file])
      done.add(file)
    }
    for (const file of PRODUCT) visit(file, [])
    expect(circles).toEqual([])
  })

  it('keep the console to what is generated', () => {
    const pages = [...filesUnder('web/src', '.ts'), ...filesUnder('web/src', '.tsx')]
    const outside = pages.flatMap((file) =>
      importsOf(codeOf(file))
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => path.join(path.dirname(file), specifier))
        .filter((target) => !target.startsWith('web/') && !target.startsWith('generated/'))
        .map((target) => `${file} imports ${target}`),
    )
    expect(outside).toEqual([])
  })

  it('keep the infrastructure to what describes the product', () => {
    const allowed = ['schema', 'derive', 'reports', 'monitor', 'main/lambda-settings.ts']
    const files = filesUnder('infra/src', '.ts')
    expect(files.length).toBeGreaterThan(10)
    const outside = files.flatMap((file) =>
      filesImportedBy(file)
        .filter((target) => !target.startsWith('infra/') && !target.startsWith('generated/'))
        .map((target) => path.relative('src', target))
        .filter((target) => !LEAVES.includes(target))
        .filter((target) => !allowed.includes(target.split('/')[0]!) && !allowed.includes(target))
        .map((target) => `${file} imports ${target}`),
    )
    expect(outside).toEqual([])
  })

  it('are listed folder by folder in ARCHITECTURE.md', () => {
    const page = read('ARCHITECTURE.md')
    const folders = readdirSync(path.join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
    expect(folders.filter((folder) => !page.includes(`\`src/${folder}\``))).toEqual([])
    for (const [folder, { ours }] of Object.entries(TABLE)) {
      if (LEAVES.includes(folder) || ours.includes('*')) continue
      const row = page.split('\n').find((line) => line.startsWith(`| \`src/${folder}\` |`))
      expect(row, folder).toBeDefined()
      const cell = row!.split('|')[3]!.replace(/\(types\)|`/g, '')
      const names = cell.split(',').map((name) => name.trim())
      const expected = ours.map((name) => name.replace(/^(ports|share-ports)\.ts$/, '$1'))
      expect(names.sort(), folder).toEqual(expected.length > 0 ? expected.sort() : ['–'])
    }
  })
})

const FORBIDDEN = /^(utils?|common|helpers?|managers?|services?)$/

describe('files', () => {
  it('have at most 400 lines', () => {
    const long = [SOURCES, filesUnder('infra', '.ts'), filesUnder('test', '.ts')]
      .flat()
      .concat(filesUnder('scripts', '.mjs'))
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400)
    expect(long).toEqual([])
  })

  it('have names that say what is in them', () => {
    const words = (file: string) =>
      file.split(/[/.\-_]|(?=[A-Z])/).map((word) => word.toLowerCase())
    const vague = SOURCES.filter((file) => words(file).some((word) => FORBIDDEN.test(word)))
    expect(vague).toEqual([])
  })

  it('are no barrels and export nothing by default', () => {
    const wrong = PRODUCT.filter((file) => {
      const code = codeOf(file)
      return (
        path.basename(file) === 'index.ts' ||
        /\bexport\s+default\b/.test(code) ||
        /\bexport\s+\*/.test(code)
      )
    })
    expect(wrong).toEqual([])
  })

  it('declare nothing vague', () => {
    const vague = PRODUCT.filter((file) =>
      /\b(?:class|interface|type)\s+\w*(?:Manager|Helper|Service|Utils?)\b/.test(codeOf(file)),
    )
    expect(vague).toEqual([])
  })

  it('read the environment in src/main only', () => {
    const reading = PRODUCT.filter(
      (file) => !file.startsWith('src/main/') && /\bprocess\.env\b/.test(codeOf(file)),
    )
    expect(reading).toEqual([])
  })

  it('catch nothing in silence', () => {
    const silent = PRODUCT.filter((file) =>
      /\bcatch\s*(\([^)]*\))?\s*\{\s*\}|\.catch\(\(\w*\)\s*=>\s*\{\s*\}\)/.test(codeOf(file)),
    )
    expect(silent).toEqual([])
  })
})

interface LockEntry {
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly inBundle?: boolean
}

describe('packages', () => {
  const manifests = ['package.json', 'web/package.json', 'infra/package.json'].filter((file) =>
    existsSync(path.join(ROOT, file)),
  )

  it.each(manifests)('of %s have exact versions', (file) => {
    const manifest = JSON.parse(read(file)) as {
      dependencies?: { [name: string]: string }
      devDependencies?: { [name: string]: string }
    }
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    )
    expect(loose).toEqual([])
  })

  it('are locked without the address of a registry', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: { [name: string]: LockEntry }
    }
    const entries = Object.entries(lock.packages).filter(([name]) => name.includes('node_modules/'))
    expect(entries.length).toBeGreaterThan(50)
    const addressed = entries.filter(([, entry]) => entry.resolved?.includes('://'))
    expect(addressed.map(([name]) => name)).toEqual([])
    // What a package brings along within itself is under that package's own checksum.
    const loose = entries.filter(([, entry]) => !entry.link && !entry.inBundle && !entry.integrity)
    expect(loose.map(([name]) => name)).toEqual([])
  })
})
