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
const told = (key: string, value: string, more: Partial<TermWords> = {}) => {
  const plain = plainTerm({ key, label: { zh: key, en: key }, value: { zh: value, en: value } }, { ...words, ...more })
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
  ['mode', 'endpoint', 'How: by comparing the two days'],
  ['every', 'week', 'Every: week'],
])('%s = %s reads “%s”', (key, value, text) => {
  expect(told(key, value)).toBe(text)
})

it('filters that the address does not have are told in the server’s words', () => {
  expect(told('only', 'region:East', { filters: '' })).toBe('Filters: region:East')
})

it('sentences have their days as they are written, and are else the server’s', () => {
  expect(plainSentence('n: until 2026-11-17, and 2026-13-45', 'en')).toBe('n: until 17 Nov 2026, and 2026-13-45')
  expect(plainSentence('2026-11-17 日终存量', 'zh')).toBe('2026年11月17日 日终存量')
})

it.each(['amounts', 'dial_4', 'dial_5'])('what %s says is the server’s', (key) => {
  expect(told(key, 'said by the server')).toMatch(/: said by the server$/)
})
