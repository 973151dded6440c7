/** The colours of attainment as they are drawn; which one a number has is the server's word. */
export type Status = 'red' | 'yellow' | 'green'

/** The sign that goes with each colour, so that nobody needs to see the colour. */
export const statusSigns: Record<Status, string> = { red: '▼', yellow: '●', green: '▲' }

/** The server's word for a colour, if it is one. */
export function statusOf(value: unknown): Status | undefined {
  return typeof value === 'string' && value in statusSigns ? (value as Status) : undefined
}
