/** What a browser says of itself (`User-Agent`), read for people: the browser and the system it runs on. */

// The order decides: most browsers also name those whose likeness they took.
const browsers = [
  ['Edg', 'Edge'],
  ['OPR', 'Opera'],
  ['Firefox', 'Firefox'],
  ['Chrome', 'Chrome'],
  ['Safari', 'Safari'],
] as const

const systems = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
] as const

/** `Chrome · Linux`; what is no browser is named as it names itself, nothing is nothing. */
export function device(agent: string): string {
  const found = [browsers, systems].flatMap((known) => known.find(([sign]) => agent.includes(sign))?.[1] ?? [])
  return found.length ? found.join(' · ') : agent
}
