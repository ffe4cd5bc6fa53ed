import { describe, expect, test } from 'vitest'
import { environmentName, type RawSettings, resolveConfig, SETTINGS } from './config.ts'

function problemsOf(layers: Parameters<typeof resolveConfig>[0]): string[] {
  const result = resolveConfig(layers)
  return 'problems' in result ? result.problems : []
}

describe('settings', () => {
  test('the later layer wins, and each value says where it came from', () => {
    const result = resolveConfig({
      data_dir: { shop_currency: 'CHF', shop_time_zone: 'Europe/Zurich' },
      file: { port: 4701, shop_currency: 'EUR' },
      environment: { SHOPLAKE_PORT: '4702', PATH: '/bin' },
      flags: { port: '4703', host: undefined },
    })
    if ('problems' in result) throw new Error(result.problems.join())
    expect(result.resolved.config).toMatchObject({ port: 4703, shop_currency: 'EUR' })
    const { port, shop_currency, shop_time_zone, host } = result.resolved.origins
    expect([port, shop_currency, shop_time_zone, host]).toEqual([
      'flag',
      'file',
      'data_dir',
      'default',
    ])
  })

  test('a currency is kept in capitals, as those of events are', () => {
    const result = resolveConfig({ file: { shop_currency: 'eur' } })
    expect(result).toMatchObject({ resolved: { config: { shop_currency: 'EUR' } } })
  })

  test('every setting has its variable', () => {
    for (const [name, setting] of Object.entries(SETTINGS)) {
      const variable = environmentName(name as keyof typeof SETTINGS)
      const environment: RawSettings = { [variable]: String(setting.default) }
      expect(problemsOf({ environment }), variable).toEqual([])
    }
  })

  test.each([
    [{ environment: { SHOPLAKE_DATADIR: '/x' } }, /unknown setting "datadir".*environment/],
    [{ file: { prot: 1 } }, /unknown setting "prot".*file/],
    [{ flags: { port: '70000' } }, /port is "70000"; it must be a whole number from/],
    [{ environment: { SHOPLAKE_PORT: ' ' } }, /port is " "/],
    [{ file: { shop_currency: 'euro' } }, /shop_currency is "euro"; .*ISO 4217 code such as EUR/],
    [{ flags: { shop_time_zone: 'Berlin' } }, /shop_time_zone is "Berlin"; .*such as Europe/],
    [{ file: { shop_curency: 'EUR' } }, /did you mean "shop_currency"/],
    [{ file: { datadir: '/x' } }, /did you mean "data_dir"/],
    [{ file: { colour: 'red' } }, /^unknown setting "colour" \(from file\)$/],
  ])('a name or value that none can mean is told: %j', (layers, says) => {
    expect(problemsOf(layers).join()).toMatch(says)
  })

  test('the key of the command line is no setting', () => {
    expect(problemsOf({ environment: { SHOPLAKE_KEY: 'sk_1' } })).toEqual([])
  })
})
