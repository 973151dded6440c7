const most = 6
const steps = [1, 2, 5]

/** Round numbers of days from nothing up to an end, few enough to be read beside one another. */
export function ticks(end: number): number[] {
  let step = 1
  for (let power = 1; end / step >= most; power *= 10) {
    step = (steps.find((one) => end / (one * power) < most) ?? 10) * power
  }
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => at * step)
}
