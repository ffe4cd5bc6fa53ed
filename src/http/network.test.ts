import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientAddress, networkOf } from './network.ts'

describe('clientAddress', () => {
  it('takes the connection without proxies, whatever the header claims', () => {
    expect(clientAddress('1.1.1.1', '9.9.9.9', 0)).toBe('9.9.9.9')
  })

  it('takes what the outermost trusted proxy saw', () => {
    expect(clientAddress('6.6.6.6, 1.1.1.1', '10.0.0.1', 1)).toBe('1.1.1.1')
    expect(clientAddress('6.6.6.6, 1.1.1.1, 10.0.0.2', '10.0.0.1', 2)).toBe('1.1.1.1')
  })

  it('takes the leftmost when proxies were passed by', () => {
    expect(clientAddress(undefined, '10.0.0.1', 2)).toBe('10.0.0.1')
    expect(clientAddress('1.1.1.1', '10.0.0.1', 5)).toBe('1.1.1.1')
  })

  it('a sender cannot choose its address by writing more entries', () => {
    fc.assert(
      fc.property(fc.array(fc.ipV4()), fc.ipV4(), (claimed, real) => {
        const header = [...claimed, real].join(', ')
        expect(clientAddress(header, '10.0.0.1', 1)).toBe(real)
      }),
    )
  })
})

describe('networkOf', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['203.0.113.77:5511', '203.0.113.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['2001:db8:abcd:12::1', '2001:db8:abcd::/48'],
    ['[2001:DB8:0:12::1]:443', '2001:db8:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
    ['::1', '0:0:0::/48'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0::/48'],
  ])('%s → %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it.each([undefined, '', 'unknown', '_hidden', '999.1.1.1', '1.2.3', 'a'.repeat(1000)])(
    '%s is no address',
    (address) => {
      expect(networkOf(address)).toBeUndefined()
    },
  )

  it('cuts every IPv6 address to its first three groups', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const network = networkOf(address)
        expect(network).toMatch(/\/(48|24)$/)
        if (network?.endsWith('::/48')) expect(network.slice(0, -5).split(':')).toHaveLength(3)
      }),
    )
  })
})
