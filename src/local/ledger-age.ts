export const DAY_MINUTES = 1440
/** Ledger rows stand by the minute for so many days, then by the hour, then by the day: see Store.ledger. */
export const MINUTE_DAYS = 7
export const HOUR_DAYS = 90
