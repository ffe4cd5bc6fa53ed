import { type LakeHome, makeLakeHome, type OpenLake } from '../lake-fixture.ts'
import { type LakeUnderTest, lakeContract } from './lake.ts'
import { type LakeSinkUnderTest, lakeSinkContract } from './lake-sink.ts'

lakeContract('file-lake', {
  async open() {
    const home = await makeLakeHome()
    return { lake: await underTest(home), remove: () => home.remove() }
  },
})

async function underTest(home: LakeHome): Promise<LakeUnderTest> {
  const open: OpenLake = await home.open()
  return {
    lake: open.lake,
    query: (sql) => open.query(sql),
    ledger: () => open.meta.ledger(0, Number.MAX_SAFE_INTEGER),
    async flush() {
      await open.lake.flush()
      await open.lake.maintain()
    },
    crash: () => underTest(home),
  }
}

lakeSinkContract('file-lake', async () => sinkUnderTest(await makeLakeHome()))

async function sinkUnderTest(home: LakeHome): Promise<LakeSinkUnderTest> {
  return {
    ...(await underTest(home)),
    crash: () => sinkUnderTest(home),
    remove: () => home.remove(),
  }
}
