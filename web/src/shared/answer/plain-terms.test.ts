import { expect, it } from 'vitest'
import { en } from '../i18n/en'
import { plainSentence, plainTerm, type TermWords } from './plain-terms'

const own = (part: Record<string, string>) => (key: string) => part[key]
const words: TermWords = {
  lang: 'en',
  money: { currency: 'CNY', decimals: 2 },
  process: (key) => (key === 'b2b-seven' ? 'B2B, seven stages' : key),
  dimension: (key) => `the ${key}`,
  scope: (value) => (value === 'all' ? en.terms.everything : value),
  filters: 'Region = East',
  own: { label: own(en.terms.labels), value: own(en.terms.values) },
}
const told = (key: string, value: string) => {
  const plain = plainTerm({ key, label: { zh: key, en: key }, value: { zh: value, en: value } }, words)
  return `${plain.label}: ${plain.value}`
}

it.each([
  ['as_of', '2026-11-24', 'As_of: 24 Nov 2026'],
  ['opening', 'stock at the end of 2026-11-17', 'Opening: stock at the end of 17 Nov 2026'],
  ['process', 'b2b-seven', 'Process: B2B, seven stages'],
  ['rows', 'region, owner', 'Rows: the region, the owner'],
  ['scope', 'all', 'Scope: everything you may see: all teams'],
  ['only', 'region:East', 'Filters: Region = East'],
  ['where', "amount > 5 and created > '2026-01-01'", "Where: amount > 5 and created > '2026-01-01'"],
  ['n', '12345', 'N: 12,345'],
  ['amount_minor', '123456789', 'Amount_minor: ¥1,234,567.89'],
  [
    'dial_4',
    'from the stage with the role intent on ÷ (1.5 × target)',
    'Intent dial: deals from the intent stage on ÷ (1.5 × target)',
  ],
  ['mode', 'endpoint', 'How: by comparing the two days'],
  ['amounts', 'amount_from_minor at the first day’s values', `Amounts: ${en.terms.values.amounts}`],
  ['every', 'week', 'Every: week'],
])('%s = %s reads “%s”', (key, value, text) => {
  expect(told(key, value)).toBe(text)
})

it('sentences lose what programs read in them, and keep what is no day', () => {
  expect(plainSentence('n: deals that reached it', 'en')).toBe('deals that reached it')
  expect(plainSentence('won + lost; with_cancelled: won + lost + cancelled', 'en')).not.toContain('_')
  expect(plainSentence('add up to end, to the minor unit; 2026-13-45', 'en')).toBe(
    'add up to end, to the last cent; 2026-13-45',
  )
  expect(plainSentence('2026-11-17 日终存量', 'zh')).toBe('2026年11月17日 日终存量')
})
