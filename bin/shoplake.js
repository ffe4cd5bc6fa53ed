#!/usr/bin/env node
import { existsSync } from 'node:fs'

// In a clone the bundles are made on first use; an installed package brings them along.
if (existsSync(new URL('../scripts/prepare.mjs', import.meta.url))) {
  const { prepare } = await import('../scripts/prepare.mjs')
  prepare()
}
await import('../dist/cli.js')
