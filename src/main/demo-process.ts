import { report, runChild } from './child.ts'
import { playDemo } from './demo-shop.ts'
import { openDemoState } from './demo-state.ts'

/** The demo shop, as a client like any other: it has the development keys and the HTTP API, and nothing else. */
runChild('demo', async ({ config, args }) => {
  const { state, save } = openDemoState(config.data_dir, Number(args?.days ?? 90))
  let running = true
  const done = playDemo(state, {
    url: String(args?.url),
    zone: config.shop_time_zone,
    currency: config.shop_currency,
    save,
    isRunning: () => running,
    say: (text) => report({ kind: 'note', text }),
  })
  done.catch((error: unknown) => process.emit('uncaughtException', error as Error))
  return {
    async stop() {
      running = false
      await done
    },
  }
})
