import { expect, test } from 'vitest'
import { explainKey, readExplainKey } from './explain-key.ts'

test('what is explained comes back from the address with its parameters, whatever an id holds', () => {
  const params = { product_id: 'tea~50%=a.b', category: undefined }
  const key = explainKey('product_overview', 'units', params)
  expect(readExplainKey(key)).toEqual({ report: 'product_overview', column: 'units', params })
  expect(readExplainKey('sales_overview.net_sales')?.params).toEqual({})
  expect(readExplainKey('no key')).toBeUndefined()
})
