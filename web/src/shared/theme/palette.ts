/** Every colour of the web, for both themes. Charts read it here, style sheets through custom properties. */

export type ThemeName = 'light' | 'dark'

/** What carries data keeps its colour in both themes. */
export const data = {
  good: '#14938a',
  warn: '#c88a04',
  bad: '#d9532c',
  won: '#14938a',
  lost: '#d9532c',
  cancelled: '#8a93a0',
  parked: '#a99bb8',
  fresh: '#b08d57',
  total: '#64748b',
} as const

/** Ends of the ordered stage ramp: early is light, late is dark; low and high stages differ in hue. */
const low = ['#bcd6f2', '#5c93d6'] as const
const high = ['#9d8fe6', '#5748b8'] as const

const light = {
  page: '#f4f5f7',
  surface: '#ffffff',
  raised: '#ffffff',
  sunken: '#eef0f3',
  line: '#e1e4e9',
  'line-strong': '#c5cbd4',
  text: '#1a212b',
  'text-soft': '#505b69',
  'text-faint': '#626d7b',
  accent: '#2457d6',
  'accent-soft': '#e7edfb',
  'on-accent': '#ffffff',
  'good-text': '#0b6f68',
  'warn-text': '#855600',
  'bad-text': '#b03a14',
  'good-soft': '#e0f2f0',
  'warn-soft': '#fbf0d9',
  'bad-soft': '#fbe6df',
  shadow: 'rgb(20 30 50 / 12%)',
}

const dark: typeof light = {
  page: '#0f1318',
  surface: '#171c23',
  raised: '#1e242d',
  sunken: '#12161c',
  line: '#2a323d',
  'line-strong': '#414c5a',
  text: '#e8ebf0',
  'text-soft': '#aab3c0',
  'text-faint': '#929ca9',
  accent: '#8db0ff',
  'accent-soft': '#1f2c49',
  'on-accent': '#0f1318',
  'good-text': '#4fc8bd',
  'warn-text': '#efb945',
  'bad-text': '#ff8f6d',
  'good-soft': '#12302f',
  'warn-soft': '#382b10',
  'bad-soft': '#3d2119',
  shadow: 'rgb(0 0 0 / 50%)',
}

export type Palette = typeof light

export const palettes: Record<ThemeName, Palette> = { light, dark }

/** Writes the theme's colours to the document, where style sheets read them as `var(--text)`. */
export function applyPalette(theme: ThemeName, root: HTMLElement = document.documentElement): void {
  root.dataset.theme = theme
  root.style.colorScheme = theme
  for (const [name, colour] of Object.entries({ ...palettes[theme], ...prefixed(data) })) {
    root.style.setProperty(`--${name}`, colour)
  }
}

function prefixed(colours: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(colours).map(([name, colour]) => [`data-${name}`, colour]))
}

/** One colour a stage, in the order given: low stages on one ramp, high stages on the other. */
export function stageColours(stages: readonly { key: string; high: boolean }[]): Map<string, string> {
  const colours = new Map<string, string>()
  for (const part of [false, true]) {
    const [from, to] = part ? high : low
    const members = stages.filter((stage) => stage.high === part)
    members.forEach((stage, at) => {
      colours.set(stage.key, mix(from, to, members.length === 1 ? 0.6 : at / (members.length - 1)))
    })
  }
  return colours
}

/** The colour of a state that is no open stage: ends, and what comes from outside of the stock. */
export function stateColour(state: string): string | undefined {
  const states: Record<string, string> = {
    won: data.won,
    lost: data.lost,
    cancelled: data.cancelled,
    parked: data.parked,
    new: data.fresh,
    reopened: data.fresh,
    resumed: data.fresh,
    transferred_in: data.fresh,
    transferred_out: data.cancelled,
    unknown: data.cancelled,
  }
  return states[state]
}

export function channels(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

function mix(from: string, to: string, share: number): string {
  const [a, b] = [channels(from), channels(to)]
  const part = (at: 0 | 1 | 2) => Math.round(a[at] + (b[at] - a[at]) * share)
  return `#${[part(0), part(1), part(2)].map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

/** WCAG contrast ratio of two colours. */
export function contrast(one: string, other: string): number {
  const luminance = (hex: string) => {
    const [r, g, b] = channels(hex).map((value) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    }) as [number, number, number]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const [a, b] = [luminance(one), luminance(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}
