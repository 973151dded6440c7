/** How many times an amount is larger or smaller than those beside it. */
export type Apart = { times: number; larger: boolean }

const askedFrom = 50

/** Whether an amount is so far from its neighbours that a slip of the unit is likely; none without neighbours. */
export function apartFrom(minor: number | null, neighbours: readonly number[]): Apart | null {
  const told = neighbours.filter((one) => one > 0).sort((a, b) => a - b)
  const middle = told[Math.floor(told.length / 2)]
  if (!minor || middle === undefined) return null
  if (minor >= middle * askedFrom) return { times: Math.round(minor / middle), larger: true }
  if (minor * askedFrom <= middle) return { times: Math.round(middle / minor), larger: false }
  return null
}
