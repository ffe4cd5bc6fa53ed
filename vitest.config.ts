import { defineConfig } from 'vitest/config'

/** Where processes that tests start leave what they ran; see scripts/coverage.mjs. */
const processes = process.env.COVERAGE_OF_PROCESSES

export default defineConfig({
  test: {
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    // Ends what hangs; far above what anything takes, also on a machine with much else to do.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    include: [
      'src/**/*.test.ts',
      'web/src/**/*.test.ts',
      'test/**/*.test.ts',
      'infra/test/**/*.test.ts',
    ],
    env: processes ? { NODE_V8_COVERAGE: processes } : {},
    // A wait is for what must come at last; only the test's own limit says how long that may take.
    expect: { poll: { timeout: 120_000 } },
    coverage: { include: ['src/**/*.ts'], exclude: ['**/*.test.ts'] },
  },
})
