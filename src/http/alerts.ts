import { SETTINGS, type Setting, type SettingName } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import { ALERT_RULES } from '../monitor/alert-rules.ts'
import { isFiring } from '../monitor/alerts.ts'
import { type Handler, jsonAnswer } from './call.ts'
import type { AppDeps } from './deps.ts'

/** Alert rules with how they stand, and the settings in force. */
export function alertHandlers(deps: AppDeps): { [N in 'listAlerts' | 'listSettings']: Handler } {
  return {
    listAlerts() {
      if (!deps.alerts) {
        throw new ShoplakeError(
          'not_offered',
          'This home runs on AWS: its alarms stand in CloudWatch, and are sent by its SNS topic.',
        )
      }
      const states = deps.alerts()
      const alerts = ALERT_RULES.map(({ name, severity, summary, hold_s }) => {
        const state = states.get(name)
        return {
          name,
          severity,
          summary,
          hold_s,
          // Before its first look a rule has found nothing.
          phase: state?.phase ?? 'ok',
          firing: isFiring(state),
          since: state ? new Date(state.since).toISOString() : null,
          detail: state?.detail ?? '',
        }
      })
      return jsonAnswer(200, { alerts, webhook: deps.config.alert_webhook_url !== '' })
    },
    listSettings: () => jsonAnswer(200, { settings: Object.keys(SETTINGS).map(settingOf(deps)) }),
  }
}

function settingOf({ config }: AppDeps) {
  return (name: string) => {
    const setting: Setting = SETTINGS[name as SettingName]
    const value = config[name as SettingName]
    return {
      name,
      value: setting.secret && value !== '' ? '••••' : value,
      default: setting.default,
      changed: value !== setting.default,
      description: setting.description,
    }
  }
}
