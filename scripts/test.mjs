import path from 'node:path'
import { prepare, ROOT, run } from './prepare.mjs'

prepare()
const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
run(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { stdio: 'inherit' })
