/** Where floating columns begin and end: each stands on the end of the one before. Positions only, no number is told. */
export type Floating = { from: number; to: number }

/** Whether no column has a height: axes around that would have numbers without a meaning. */
export function isFlat(bars: readonly Floating[]): boolean {
  return bars.every(({ from, to }) => from === to)
}

export function floating(steps: readonly number[], start = 0): Floating[] {
  let at = start
  return steps.map((step) => {
    const from = at
    at += step
    return { from, to: at }
  })
}
