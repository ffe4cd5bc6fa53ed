import { expect, test } from 'vitest'
import { readLambdaSettings } from './lambda-settings.ts'

const ALL = {
  SHOPLAKE_STREAM_NAME: 'events',
  SHOPLAKE_STORE_TABLE: 'store',
  SHOPLAKE_SECRET: 'ab'.repeat(32),
  SHOPLAKE_SHOP_CURRENCY: 'EUR',
}

test('settings of a function and of the product, from its environment', () => {
  const settings = readLambdaSettings(['stream', 'table', 'secret'], ALL)
  expect(settings).toMatchObject({ stream: 'events', table: 'store', buckets: 16, lake_bucket: '' })
  expect([...settings.secret]).toEqual(Array(32).fill(0xab))
  expect(settings.config.shop_currency).toBe('EUR')
})

test('a secret in base64 is taken too', () => {
  const secret = Buffer.alloc(40, 9).toString('base64')
  expect(readLambdaSettings(['secret'], { ...ALL, SHOPLAKE_SECRET: secret }).secret).toHaveLength(
    40,
  )
})

test('every problem is told at once', () => {
  const broken = {
    ...ALL,
    SHOPLAKE_STORE_TABLE: '',
    SHOPLAKE_SECRET: 'short',
    SHOPLAKE_STREAM_BUCKETS: '0',
    SHOPLAKE_LOW_STOCK_AT: 'few',
  }
  const read = () => readLambdaSettings(['table', 'lake_bucket', 'secret'], broken)
  for (const name of ['STORE_TABLE', 'LAKE_BUCKET', 'SECRET', 'STREAM_BUCKETS', 'low_stock_at']) {
    expect(read).toThrow(name)
  }
})
