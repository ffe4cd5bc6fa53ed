import { expect, test } from 'vitest'
import { bucketOf } from './bucket.ts'

test('buckets never change: these are what the first release gave', () => {
  const keys = ['', 'ord_123456', 'sess_abc123', 'prod_001', 'cust_789', 'đơn-hàng-1', '😀']
  expect(keys.map((key) => bucketOf(key, 16))).toEqual([11, 14, 3, 0, 3, 10, 10])
})

test('keys spread evenly', () => {
  for (const prefix of ['ord_', 'sess_', '']) {
    const counts = new Array(16).fill(0)
    for (let index = 0; index < 16_000; index++) counts[bucketOf(`${prefix}${index}`, 16)]++
    expect(Math.min(...counts)).toBeGreaterThan(850)
    expect(Math.max(...counts)).toBeLessThan(1150)
  }
})
