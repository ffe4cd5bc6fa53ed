import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { ROOT } from './prepare.mjs'

const MAIN = path.join(ROOT, 'src', 'main')
const VERSION = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).version
/** `lambda-<name>.ts` that are functions; the others are their parts. */
const PARTS = ['app', 'consumer', 'http', 'ledger', 'live', 'places', 'settings']

/** Data files that a function reads beside its bundle. */
const DATA = { read: ['reports', 'reports/models'], compact: ['reports/models'] }

/** What a function reads of what is generated. */
const GENERATED = { compact: ['view-columns.json'] }

/** Names of the functions: each is `src/main/lambda-<name>.ts` and becomes `<directory>/<name>/index.mjs`. */
export function functionNames() {
  return readdirSync(MAIN)
    .map((file) => /^lambda-([a-z-]+)\.ts$/.exec(file)?.[1])
    .filter((name) => name && !PARTS.includes(name))
}

/**
 * Bundles functions with all they need, the AWS clients too: a bundle starts in half the time of the clients that the
 * runtime brings, and stays what it was when tested. Returns esbuild's metadata by function name.
 */
export async function bundleLambdas(directory, names = functionNames()) {
  const metadata = {}
  for (const name of names) {
    mkdirSync(path.join(directory, name), { recursive: true })
    const { metafile } = await build({
      entryPoints: [path.join(MAIN, `lambda-${name}.ts`)],
      outfile: path.join(directory, name, 'index.mjs'),
      bundle: true,
      minify: true,
      keepNames: false,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      mainFields: ['module', 'main'],
      // Some of the clients' parts are CommonJS, which asks for Node's modules by require().
      banner: {
        js: "import{createRequire as __require}from'node:module';const require=__require(import.meta.url);",
      },
      define: { SHOPLAKE_VERSION: JSON.stringify(VERSION) },
      legalComments: 'none',
      metafile: true,
      logLevel: 'warning',
    })
    metadata[name] = metafile
    for (const folder of DATA[name] ?? []) copySql(folder, path.join(directory, name))
    for (const file of GENERATED[name] ?? []) {
      cpSync(path.join(ROOT, 'generated', file), path.join(directory, name, file))
    }
  }
  return metadata
}

function copySql(folder, directory) {
  const from = path.join(ROOT, 'src', folder)
  mkdirSync(path.join(directory, folder), { recursive: true })
  for (const file of readdirSync(from).filter((one) => one.endsWith('.sql'))) {
    cpSync(path.join(from, file), path.join(directory, folder, file))
  }
}
