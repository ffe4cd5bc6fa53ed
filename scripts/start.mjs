import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare, ROOT } from './prepare.mjs'

prepare()
process.argv.splice(2, 0, 'dev')
await import(pathToFileURL(path.join(ROOT, 'dist', 'cli.js')).href)
