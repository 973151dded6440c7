const ofVisits = new Set([
  'visits',
  'open_visits',
  'lower_quartile_days',
  'median_days',
  'upper_quartile_days',
  'mean_days',
])

/** Whether a column is counted or estimated from visits, and so opens their deals; the standard is not. */
export function isOfVisits(column: string): boolean {
  return ofVisits.has(column)
}
