import { afterAll, beforeAll, describe, vi } from 'vitest'
import { chartCases } from './chart-cases.ts'
import { eventsCases } from './events-cases.ts'
import { exploreCases } from './explore-cases.ts'
import { hostileCases } from './hostile-cases.ts'
import { liveCases } from './live-cases.ts'
import { pageCases } from './page-cases.ts'
import { pastCases } from './past-cases.ts'
import { pipelineCases } from './pipeline-cases.ts'
import { qualityCases } from './quality-cases.ts'
import { settingsCases } from './settings-cases.ts'
import { playOne } from './shop.ts'
import { createStage } from './stage.ts'
import { truthCases } from './truth-cases.ts'
import { viewCases } from './view-cases.ts'

/** A machine that is busy with other tests is no fault. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const stage = createStage()

beforeAll(() => stage.begin())
afterAll(() => stage.end())

// On a machine that is busy with other tests a page may miss its moment; twice is a fault.
describe('the console of a shop that was only simulated', { retry: 1 }, () => truthCases(stage))

describe('the console', { retry: 1 }, () => {
  beforeAll(() => playOne(stage.server))
  pageCases(stage)
  chartCases(stage)
  viewCases(stage)
  exploreCases(stage)
  // These send orders: behind the cases that compare pages with the API.
  liveCases(stage)
  hostileCases(stage)
  qualityCases(stage)
  eventsCases(stage)
  pipelineCases(stage)
  settingsCases(stage)
})

// Behind everything that looks at all of the shop's history.
describe('the console of a shop that was simulated in the past', { retry: 1 }, () =>
  pastCases(stage),
)
