import path from 'node:path'
import { prepare, ROOT, run } from './prepare.mjs'

prepare()
const tool = (...segments) => path.join(ROOT, 'node_modules', ...segments)
const script = (name) => path.join(ROOT, 'scripts', name)
const steps = {
  'format and lint': [tool('@biomejs', 'biome', 'bin', 'biome'), 'check', '.'],
  types: [tool('typescript', 'bin', 'tsc'), '--noEmit'],
  'types of the console': [tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'web'],
  'types of the infrastructure': [tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'infra'],
  'generated files': [script('generate.mjs'), '--check'],
  tests: [script('test.mjs')],
}
const without = process.argv.includes('--no-tests') ? ['tests'] : []
for (const [name, args] of Object.entries(steps).filter(([step]) => !without.includes(step))) {
  process.stderr.write(`· ${name}\n`)
  run(process.execPath, args, { stdio: 'inherit' })
}
