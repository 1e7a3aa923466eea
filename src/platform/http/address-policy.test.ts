import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { createAddressPolicy, isPublicAddress } from './address-policy.ts'

describe('a public address', () => {
  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.1',
    '198.20.0.0',
    '223.255.255.255',
    '2001:200::1',
    '2606:4700:4700::1111',
    '2a00:1450:4001::1',
  ])('is %s', (address) => expect(isPublicAddress(address)).toBe(true))

  test.each([
    ['unspecified', ['0.0.0.0', '0.1.2.3', '::', '0:0:0:0:0:0:0:0']],
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
    ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1']],
    ['shared by carriers', ['100.64.0.1', '100.127.255.255', '100.100.100.200']],
    [
      'link-local and metadata',
      ['169.254.0.1', '169.254.169.254', '168.63.129.16', 'fe80::1', 'fe80::1%eth0'],
    ],
    ['unique local', ['fc00::1', 'fd00:ec2::254', 'fdff:ffff::1']],
    ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1']],
    ['broadcast and reserved', ['255.255.255.255', '240.0.0.1', '192.0.0.192']],
    [
      'documentation and tests',
      ['192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
    ],
    [
      'IPv4 in IPv6',
      ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::127.0.0.1', '::ffff:0:127.0.0.1'],
    ],
    ['NAT64', ['64:ff9b::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::1']],
    ['6to4 and Teredo', ['2002:7f00:1::', '2001::1', '192.88.99.1']],
    ['site-local and discard', ['fec0::1', '100::1']],
    ['no address at all', ['', 'localhost', '127.1', '1.2.3', '::1::', '0x7f000001']],
  ])('is none that is %s', (_name, addresses) => {
    for (const address of addresses)
      expect([address, isPublicAddress(address)]).toEqual([address, false])
  })

  test.prop([fc.ipV4()])('as IPv4 is never one when written as IPv6', (address) => {
    for (const prefix of ['::ffff:', '::', '64:ff9b::']) {
      expect(isPublicAddress(prefix + address)).toBe(false)
    }
  })
})

describe('a policy', () => {
  const policy = createAddressPolicy([
    'localhost',
    '127.0.0.1:8080',
    '[::1]:80',
    '*.Corp.example',
    '10.1.0.0/16',
    'fd00::/8',
    ' 192.168.1.7 ',
  ])
  test.each([
    ['example.com', 443, '1.1.1.1', true],
    ['localhost', 1, '127.0.0.1', true],
    ['localhost.', 1, '::1', true],
    ['localhost', 1, '10.9.9.9', true],
    ['127.0.0.1', 8080, '127.0.0.1', true],
    ['127.0.0.1', 8081, '127.0.0.1', false],
    ['::1', 80, '::1', true],
    ['::1', 81, '::1', false],
    ['a.corp.example', 1, '192.168.0.1', true],
    ['corp.example', 1, '192.168.0.1', false],
    ['evilcorp.example', 1, '192.168.0.1', false],
    ['anything.test', 1, '10.1.2.3', true],
    ['anything.test', 1, '10.2.2.3', false],
    ['anything.test', 1, 'fd12::1', true],
    ['192.168.1.7', 9, '192.168.1.7', true],
    ['anything.test', 9, '192.168.1.7', false],
    ['anything.test', 9, 'nonsense', false],
  ])('with exceptions: %s:%i at %s is allowed: %s', (host, port, address, isAllowed) => {
    expect(policy.allows({ host, port, address })).toBe(isAllowed)
  })

  test.each([
    '10.0.0.0/33',
    '10.0.0/8',
    'fd00::/129',
    'a b',
    'http://x',
    '',
    '*',
    '1.2.3.4/',
    'user@host',
    'x/y',
  ])('cannot be made with %j', (entry) => {
    expect(() => createAddressPolicy([entry])).toThrow(
      expect.objectContaining({ code: 'http.invalid-allowed-host' }),
    )
  })
})
