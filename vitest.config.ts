import { defineConfig } from 'vitest/config'

/** Where processes that tests start leave what they ran; see scripts/coverage.mjs. */
const processes = process.env.COVERAGE_OF_PROCESSES

export default defineConfig({
  test: {
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 30_000,
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'infra/test/**/*.test.ts'],
    env: processes ? { NODE_V8_COVERAGE: processes } : {},
    // A wait is for what must come at last; only the test's own limit says how long that may take.
    expect: { poll: { timeout: 25_000 } },
    coverage: { include: ['src/**/*.ts'], exclude: ['**/*.test.ts'] },
  },
})
