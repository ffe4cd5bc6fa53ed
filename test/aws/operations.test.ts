import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { athenaClient } from '../../src/aws/clients.ts'
import { TABLES } from '../../src/derive/table.ts'
import { type AwsAccess, needHome, openAws } from '../../src/main/aws-access.ts'
import { contextOf, deployHome } from '../../src/main/aws-deploy.ts'
import { destroyHome, findParts } from '../../src/main/aws-destroy.ts'
import { gatewayKeyOf } from '../../src/main/gateway-key.ts'
import { type AccountStandIn, startAccount } from './account-stand-in.ts'
import { startAthenaStandIn } from './athena-stand-in.ts'
import { makeTable, testDynamodb } from './dynamodb.ts'
import { startDynamodb } from './emulators.ts'

const OUTPUTS = {
  ...{ ApiUrl: 'https://api/live/', ConsoleUrl: 'https://console', ConsoleBucket: 'console' },
  ...{ LakeBucket: 'lake', StoreTable: 'store', Workgroup: 'shop', Database: 'shop' },
}
const PARTS = [
  ...[
    { type: 'AWS::S3::Bucket', id: 'lake' },
    { type: 'AWS::S3::Bucket', id: 'console' },
  ],
  { type: 'AWS::DynamoDB::GlobalTable', id: 'store' },
  { type: 'AWS::Lambda::Function', id: 'shop-collect' },
]
const QUIET = { tell() {}, pause_ms: 1, console_directory: null }

let account: AccountStandIn
let dynamodb: Awaited<ReturnType<typeof startDynamodb>>
let aws: AwsAccess

beforeEach(async () => {
  account = await startAccount()
  dynamodb = await startDynamodb()
  for (const service of ['CLOUDFORMATION', 'SECRETS_MANAGER']) {
    vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, account.endpoint)
  }
  vi.stubEnv('AWS_ENDPOINT_URL_S3', account.endpoint)
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', dynamodb.endpoint)
  // openAws sets the region; it goes again with the stub.
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  aws = await openAws({ region: 'eu-central-1' })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await account.close()
  await dynamodb.close()
})

function stand(name: string, status = 'CREATE_COMPLETE') {
  account.stacks.set(name, { status, outputs: OUTPUTS, resources: PARTS })
}

describe('before anything is done', () => {
  test('a missing region and missing credentials are told with what to set', async () => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) vi.stubEnv(name, '')
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere')
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    await expect(openAws({})).rejects.toThrow(/--region, or in AWS_REGION/)
    vi.stubEnv('AWS_ACCESS_KEY_ID', '')
    await expect(openAws({ region: 'eu-central-1' })).rejects.toThrow(
      /no AWS credentials.*--profile/,
    )
  })

  test('an account that is not prepared, and a stack that is being changed', async () => {
    const cdk = vi.fn()
    const deploy = () => deployHome(aws, { name: 'shop', origin: [] }, { cdk, ...QUIET })
    await expect(deploy()).rejects.toThrow(/npx cdk bootstrap/)
    stand('CDKToolkit')
    stand('shop', 'UPDATE_IN_PROGRESS')
    await expect(deploy()).rejects.toThrow(/UPDATE_IN_PROGRESS/)
    expect(cdk).not.toHaveBeenCalled()
  })

  test('a home that is not there', async () => {
    await expect(needHome(aws, 'shop')).rejects.toThrow(/no stack "shop".*shoplake deploy/)
  })
})

describe('deploy', () => {
  test('makes secret, stacks, first keys and tables once, and keeps them the next time', async () => {
    stand('CDKToolkit')
    const athena = await startAthenaStandIn()
    athena.fate = () => 'succeed'
    vi.stubEnv('AWS_ENDPOINT_URL_ATHENA', athena.endpoint)
    const client = testDynamodb(dynamodb.endpoint)
    await makeTable(client, 'store')
    account.buckets.set('console', [])
    const asked: string[][] = []
    const cdk = (args: readonly string[]) => {
      asked.push([...args])
      stand('shop')
    }
    const place = { endpoint: athena.endpoint, region: 'eu-central-1' }
    const access = { ...aws, athena: athenaClient(place) }
    const options = { name: 'shop', preset: 'small', origin: ['https://shop.example'] }
    const deploy = () => deployHome(access, options, { cdk, ...QUIET })

    const { keys } = await deploy()
    expect(account.secrets.get('shop/secret')).toMatch(/^[0-9a-f]{64}$/)
    expect(keys.admin).toMatch(/^sk_/)
    expect(keys.web).toMatch(/^pk_/)
    expect(asked[0]).toEqual([
      ...['-c', 'name=shop', '-c', 'preset=small'],
      ...['--parameters', `shop:ServerKeyHash=${gatewayKeyOf(keys.admin!)}`],
      ...['--parameters', `shop:BrowserKeyHash=${gatewayKeyOf(keys.web!)}`],
    ])
    expect(asked.flat().join(' ')).not.toContain(keys.admin)
    const laid = athena.started.map((one) => /EXISTS shop\.(\w+)/.exec(`${one.QueryString}`)?.[1])
    const tables = [...Object.keys(TABLES).map((type) => `base_${type}`), 'late_duplicates']
    expect(laid.sort()).toEqual(tables.sort())

    const secret = account.secrets.get('shop/secret')
    expect((await deploy()).keys).toEqual({})
    expect(asked[1]).toEqual(['-c', 'name=shop', '-c', 'preset=small'])
    expect(account.secrets.get('shop/secret')).toBe(secret)
    const other = { ...options, secret: 'ab'.repeat(32) }
    await expect(deployHome(access, other, { cdk, ...QUIET })).rejects.toThrow(
      /a secret of its own/,
    )
    client.destroy()
    await athena.close()
  })

  test('hands on what was given and nothing else', () => {
    expect(contextOf({ name: 'a', origin: [] })).toEqual(['-c', 'name=a'])
    const given = { firewall: true, alertEmail: 'ops@example.com', timeZone: 'Europe/Berlin' }
    expect(contextOf({ name: 'a', origin: [], ...given })).toEqual([
      ...['-c', 'name=a', '-c', 'firewall=true', '-c', 'alert_email=ops@example.com'],
      ...['-c', 'shop_time_zone=Europe/Berlin'],
    ])
  })
})

describe('destroy', () => {
  beforeEach(async () => {
    stand('shop')
    stand('shop-questions')
    account.secrets.set('shop/secret', 'x')
    const versions = Array.from({ length: 7 }, (_, n) => ({
      ...{ Key: `raw/${n % 3}`, VersionId: `v${n}`, isMarker: n === 6 },
    }))
    account.buckets.set('lake', versions).set('console', []).set('of another', versions.slice())
    const client = testDynamodb(dynamodb.endpoint)
    await makeTable(client, 'store')
    client.destroy()
  })

  test('with --keep-data takes the stacks alone, and later the rest too', async () => {
    await destroyHome(aws, await findParts(aws, 'shop'), { keep_data: true, ...QUIET })
    expect(account.done).toEqual(['DeleteStack shop-questions', 'DeleteStack shop'])
    expect(account.buckets.get('lake')).toHaveLength(7)
    account.done.length = 0

    const left = await findParts(aws, 'shop')
    expect(left).toMatchObject({ stacks: [], buckets: ['lake', 'console'], tables: ['store'] })
    await destroyHome(aws, left, { keep_data: false, ...QUIET })
    const gone = ['DeleteBucket lake', 'DeleteBucket console', 'DeleteSecret shop/secret']
    expect(account.done).toEqual(gone)
  })

  test('takes every version, every mark, the table and the secret, and nothing of anybody else', async () => {
    const parts = await findParts(aws, 'shop')
    await destroyHome(aws, parts, { keep_data: false, ...QUIET })
    expect([...account.buckets.keys()]).toEqual(['of another'])
    expect(account.secrets.size).toBe(0)
    // Once more finds nothing, and minds that not.
    await destroyHome(aws, { ...parts, stacks: [] }, { keep_data: false, ...QUIET })
  })

  test('says so where nothing was ever there', async () => {
    await expect(findParts(aws, 'other')).rejects.toThrow(/nothing of "other"/)
  })
})
