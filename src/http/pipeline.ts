import { ShoplakeError } from '../errors.ts'
import { type Handler, jsonAnswer } from './call.ts'
import type { AppDeps } from './deps.ts'

/** How the pipeline runs, for people to look at. */
export function pipelineHandlers(deps: AppDeps): { getPipeline: Handler } {
  return {
    async getPipeline() {
      if (!deps.pipeline) {
        throw new ShoplakeError(
          'not_offered',
          'This home runs on AWS: how it runs is on the dashboard of its name in CloudWatch.',
        )
      }
      const [state, health] = await Promise.all([deps.pipeline(), deps.health()])
      return jsonAnswer(200, { ...state, health })
    },
  }
}
