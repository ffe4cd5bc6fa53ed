import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Config, type RawSettings, resolveConfig } from '../config.ts'
import { loadSettings } from './settings.ts'
import { rememberShop } from './shop-settings.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'shoplake-shop-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function configOf(flags: RawSettings): Config {
  const result = resolveConfig({ flags })
  if ('problems' in result) throw new Error(result.problems.join())
  return result.resolved.config
}

test('a data directory remembers the settings of the shop, and no others', () => {
  const flags = { shop_currency: 'EUR', shop_hosts: 'shop.example', port: 4701 }
  rememberShop(directory, configOf(flags), () => expect.fail('it is new'))
  const { config, origins } = loadSettings({ data_dir: directory })
  expect(config).toMatchObject({ shop_currency: 'EUR', shop_hosts: 'shop.example', port: 4600 })
  expect(origins).toMatchObject({ shop_currency: 'data_dir', port: 'default', data_dir: 'flag' })
  const named = loadSettings({ data_dir: directory, shop_currency: 'CHF' })
  expect(named.config.shop_currency).toBe('CHF')
})

test('what changes is told, once', () => {
  const told: unknown[] = []
  const remember = (shop_currency: string) =>
    rememberShop(directory, configOf({ shop_currency }), (change) => told.push(change))
  for (const currency of ['EUR', 'EUR', 'CHF', 'CHF']) remember(currency)
  expect(told).toEqual([{ setting: 'shop_currency', was: 'EUR', is: 'CHF' }])
})

test('a file that is none of ours is refused, not taken for a new shop', () => {
  const file = path.join(directory, 'shop.json')
  writeFileSync(file, '{"shop_currency": "EU')
  expect(() => loadSettings({ data_dir: directory })).toThrow(/shop\.json is not a JSON object/)
  writeFileSync(file, '{"shop_currency": "euro"}')
  expect(() => loadSettings({ data_dir: directory })).toThrow(/"euro".*\(from data_dir\)/)
})
