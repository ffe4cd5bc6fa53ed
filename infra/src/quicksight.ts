import { CfnCondition, CfnParameter, CfnResource, Fn, Stack } from 'aws-cdk-lib'
import * as quicksight from 'aws-cdk-lib/aws-quicksight'
import { Construct, type IConstruct } from 'constructs'
import type { Report } from '../../src/reports/compile.ts'
import { pascal } from './catalogue.ts'
import { dashboardSql } from './quicksight-sql.ts'
import { quicksightType, visualOf } from './quicksight-visuals.ts'

/** Groups of reports in the order of their sheets. What is right now, and whether data can be trusted, belongs to the console. */
const SHEETS: { readonly [group: string]: string } = {
  sales: 'Revenue',
  funnel: 'Funnel',
  products: 'Products and reviews',
  customers: 'Customers',
  acquisition: 'Acquisition',
  search: 'Search',
  inventory: 'Stock',
}

/** What an owner may do, by kind of thing (Developer Guide, "Permissions"). */
const OWNER = {
  source: ['DescribeDataSource', 'DescribeDataSourcePermissions', 'PassDataSource'],
  set: [
    'DescribeDataSet',
    'DescribeDataSetPermissions',
    'PassDataSet',
    'DescribeIngestion',
    'ListIngestions',
  ],
  dashboard: [
    'DescribeDashboard',
    'ListDashboardVersions',
    'UpdateDashboardPermissions',
    'QueryDashboard',
    'UpdateDashboard',
    'DeleteDashboard',
    'DescribeDashboardPermissions',
    'UpdateDashboardPublishedVersion',
  ],
} as const

/** Value of the parameter without which nothing is made. */
const NOBODY = 'none'

export interface QuicksightOptions {
  readonly name: string
  readonly workgroup: string
  readonly reports: readonly Report[]
}

/**
 * Data source, one data set per report and one dashboard with a sheet per group, made from the report headers. Nothing of
 * it exists until the parameter names a QuickSight user: subscribing to QuickSight is done by hand.
 */
export class Quicksight extends Construct {
  constructor(scope: Construct, id: string, options: QuicksightOptions) {
    super(scope, id)
    const principal = new CfnParameter(this, 'Principal', {
      description: 'ARN of the QuickSight user or group that owns the dashboard; none for nobody.',
      default: NOBODY,
    })
    principal.overrideLogicalId('QuickSightPrincipal')
    const { account, partition, region } = Stack.of(this)
    const arn = (kind: string, name: string) =>
      `arn:${partition}:quicksight:${region}:${account}:${kind}/${name}`
    const owner = (kind: keyof typeof OWNER) => [
      {
        principal: principal.valueAsString,
        actions: OWNER[kind].map((action) => `quicksight:${action}`),
      },
    ]
    const source = new quicksight.CfnDataSource(this, 'Source', {
      awsAccountId: account,
      dataSourceId: options.name,
      name: options.name,
      type: 'ATHENA',
      dataSourceParameters: { athenaParameters: { workGroup: options.workgroup } },
      permissions: owner('source'),
    })
    const shown = options.reports.filter((report) => report.group in SHEETS)
    for (const report of shown) {
      const set = new quicksight.CfnDataSet(this, `Set${pascal(report.name)}`, {
        awsAccountId: account,
        dataSetId: setId(options.name, report),
        name: report.title,
        importMode: 'DIRECT_QUERY',
        physicalTableMap: { [report.name.replaceAll('_', '-')]: customSql(report, source.attrArn) },
        permissions: owner('set'),
      })
      set.addResourceDependency(source)
    }
    const dashboard = new quicksight.CfnDashboard(this, 'Dashboard', {
      awsAccountId: account,
      dashboardId: options.name,
      name: 'Shop',
      permissions: owner('dashboard'),
      definition: {
        dataSetIdentifierDeclarations: shown.map((report) => ({
          identifier: report.name,
          dataSetArn: arn('dataset', setId(options.name, report)),
        })),
        sheets: Object.entries(SHEETS).map(([group, name]) => ({
          sheetId: group,
          name,
          visuals: shown.filter((report) => report.group === group).map(visualOf),
        })),
      },
    })
    dependOnSets(dashboard, this)
    onlyIf(principal, this)
  }
}

function setId(name: string, report: Report): string {
  return `${name}-${report.name.replaceAll('_', '-')}`
}

function customSql(
  report: Report,
  dataSourceArn: string,
): quicksight.CfnDataSet.PhysicalTableProperty {
  return {
    customSql: {
      name: report.title,
      dataSourceArn,
      sqlQuery: dashboardSql(report),
      columns: report.columns.map((column) => ({
        name: column.name,
        type: quicksightType(column.unit),
      })),
    },
  }
}

function dependOnSets(dashboard: quicksight.CfnDashboard, scope: IConstruct): void {
  for (const child of scope.node.children) {
    if (child instanceof quicksight.CfnDataSet) dashboard.addResourceDependency(child)
  }
}

function onlyIf(principal: CfnParameter, scope: Construct): void {
  const condition = new CfnCondition(scope, 'Wanted', {
    expression: Fn.conditionNot(Fn.conditionEquals(principal.valueAsString, NOBODY)),
  })
  for (const child of scope.node.children) {
    if (CfnResource.isCfnResource(child)) child.cfnOptions.condition = condition
  }
}
