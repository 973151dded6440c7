import { describe, expect, it } from 'vitest'
import { listOf, same, valueText } from './values'

const names = {
  yes: 'yes',
  no: 'no',
  erased: 'erased',
  outcome: (key: string) => key.toUpperCase(),
  process: (key: string) => key,
  stage: (key: string) => key,
  role: (key: string) => key.toUpperCase(),
  say: (name: { zh: string; en: string }) => name.en,
}
const money = { currency: 'CNY', decimals: 2 }

describe('values in words', () => {
  it.each([
    ['text', null, '–'],
    ['text', '', '–'],
    ['amount_minor', 123450, '¥1,234.50'],
    ['ppm', 350_000, '35\u202f%'],
    ['ppm', 355_000, '35.5\u202f%'],
    ['day', '2026-11-23', '23 Nov 2026'],
    ['bool', false, 'no'],
    ['bool', true, 'yes'],
    ['bool', 'no', 'no'],
    ['bool', '否', '否'],
    ['ref', { id: 7, name: 'Wang' }, 'Wang'],
    ['ref', { id: 7, name: '' }, '#7'],
    ['outcome', 'won', 'WON'],
    ['json', ['A', 'B'], 'A, B'],
    ['json', { a: 1, b: 'x' }, 'a: 1; b: x'],
    ['json', [{ name: 'Li', role: 'user', met_on: '2026-11-23' }, { role: 'coach' }], 'Li · USER · 23 Nov 2026; COACH'],
  ] as const)('%s %j is %s', (ty, value, text) => {
    expect(valueText({ type: ty }, value, money, 'en', names)).toBe(text)
  })

  it('are the name of a choice', () => {
    const choices = [{ key: 'us', name: { zh: '我方', en: 'us, the seller' } }]
    const word = (value: string) => valueText({ type: 'choice', choices }, value, money, 'en', names)
    expect([word('us'), word('gone')]).toEqual(['us, the seller', 'gone'])
  })

  it('are a list that one may write only where all of it are texts', () => {
    expect([null, 'A', ['A', 'B']].map(listOf)).toEqual([[], ['A'], ['A', 'B']])
    expect([{ a: 1 }, [{ name: 'Li' }], [1]].map(listOf)).toEqual([undefined, undefined, undefined])
  })

  it('are the same where the record is the same', () => {
    expect(same({ id: 7, name: 'Wang' }, { id: 7, name: 'Wang Wei' })).toBe(true)
    expect(same(null, undefined)).toBe(true)
    expect(same('a', 'b')).toBe(false)
  })
})
