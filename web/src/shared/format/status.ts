/** The one rule of colours for attainment, as it is drawn: the number itself comes from the server. */
export type Status = 'red' | 'yellow' | 'green'

/** Where the colours change, as a fraction of what is required. */
export const limits = { yellow: 0.6, green: 0.85 } as const

/** The sign that goes with each colour, so that nobody needs to see the colour. */
export const statusSigns: Record<Status, string> = { red: '▼', yellow: '●', green: '▲' }

export function statusOf(share: number): Status {
  if (share < limits.yellow) return 'red'
  return share < limits.green ? 'yellow' : 'green'
}

/** A deviation that is marked: more than 15 % from the target, whichever way. */
export function isFarOff(share: number): boolean {
  // Compared with the ends, since 1 − 0.85 is a little more than 0.15 in binary.
  return share < 0.85 || share > 1.15
}
