/** Customers by the month of their first order, and who of them ordered in which month. Months are YYYY-MM. */
export interface Cohorts {
  readonly [first_month: string]: { readonly [month: string]: CohortMonth }
}

export interface CohortMonth {
  /** Who ordered in it. */
  customers: number
  /** In ten-thousandths. */
  gross_sales: number
}

export interface CohortCell extends CohortMonth {
  readonly cohort_customers: number
  /** Part of the cohort's customers that ordered in the month. */
  readonly retention: number
}

/** The cohorts while they are being written; `first` is whether the customer has not ordered in that month before. */
export interface CohortBook {
  add(first_month: string, month: string, gross: number, first: boolean): void
  snapshot(): Cohorts
}

export function createCohortBook(): CohortBook {
  const cohorts: { [first_month: string]: { [month: string]: CohortMonth } } = {}
  return {
    add(first_month, month, gross, first) {
      cohorts[first_month] ??= {}
      const cohort = cohorts[first_month]
      cohort[month] ??= { customers: 0, gross_sales: 0 }
      cohort[month].gross_sales += gross
      if (first) cohort[month].customers++
    },
    snapshot: () => cohorts,
  }
}

/**
 * Every cell of the grid whose month is over on the day `as_of` (YYYY-MM-DD), by its cohort and how many months later:
 * `2025-01 2`. Months in which nobody ordered are cells too.
 */
export function cohortCells(cohorts: Cohorts, as_of: string): Map<string, CohortCell> {
  const behind = new Date(Date.parse(as_of) + 86_400_000).toISOString().slice(0, 7)
  const cells = new Map<string, CohortCell>()
  for (const [first_month, months] of Object.entries(cohorts)) {
    const cohort_customers = months[first_month]!.customers
    for (
      let [month, later] = [first_month, 0];
      month < behind;
      month = monthAfter(month), later++
    ) {
      const { customers, gross_sales } = months[month] ?? { customers: 0, gross_sales: 0 }
      const retention = customers / cohort_customers
      cells.set(`${first_month} ${later}`, { customers, gross_sales, cohort_customers, retention })
    }
  }
  return cells
}

function monthAfter(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7)
}
