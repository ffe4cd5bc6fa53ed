import * as budgets from 'aws-cdk-lib/aws-budgets'
import type { Construct } from 'constructs'
import { type HomeSettings, PRESETS } from './settings.ts'

/** A monthly budget of what carries the stack's tag: told when a forecast goes beyond it, and when four fifths are gone. */
export function makeBudget(scope: Construct, settings: HomeSettings): void {
  const tell = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    notification: {
      comparisonOperator: 'GREATER_THAN',
      notificationType,
      threshold,
      thresholdType: 'PERCENTAGE',
    },
    subscribers: [{ subscriptionType: 'EMAIL', address: settings.alert_email }],
  })
  new budgets.CfnBudget(scope, 'Budget', {
    budget: {
      budgetName: settings.name,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: PRESETS[settings.preset].monthly_budget_usd, unit: 'USD' },
      costFilters: { TagKeyValue: [`user:${HOME_TAG}$${settings.name}`] },
    },
    ...(settings.alert_email !== '' && {
      notificationsWithSubscribers: [tell('FORECASTED', 100), tell('ACTUAL', 80)],
    }),
  })
}

/** The tag that everything of a home carries; it must be made a cost allocation tag once, by hand. */
export const HOME_TAG = 'shoplake'
