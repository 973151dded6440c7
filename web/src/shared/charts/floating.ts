/** Where floating columns begin and end: each stands on the end of the one before. Positions only, no number is told. */
export type Floating = { from: number; to: number }

export function floating(steps: readonly number[], start = 0): Floating[] {
  let at = start
  return steps.map((step) => {
    const from = at
    at += step
    return { from, to: at }
  })
}
