import { describe, expect, it } from 'vitest'
import type { Names } from '../records/values'
import { choiceLine, ownColumns, readChoices } from './own-fields'

describe('choices as lines of text', () => {
  it('are read with one name, with two, with none, and whatever the width of signs', () => {
    expect(readChoices(' gold = 金 | Gold \n\niron\n铜＝铜｜Bronze\ntin=锡')).toEqual([
      { key: 'gold', name: { zh: '金', en: 'Gold' } },
      { key: 'iron', name: { zh: 'iron', en: 'iron' } },
      { key: '铜', name: { zh: '铜', en: 'Bronze' } },
      { key: 'tin', name: { zh: '锡', en: '锡' } },
    ])
  })

  it('are written as they are read', () => {
    const text = 'gold=金|Gold\niron\ntin=锡'
    expect(readChoices(text).map(choiceLine).join('\n')).toBe(text)
  })
})

describe('columns of own fields', () => {
  const names = { yes: '是', no: '否', say: (name: { zh: string; en: string }) => name.zh } as Names
  const money = { currency: 'CNY', decimals: 2 }
  const column = (name: string, type: string) => ({
    name,
    type,
    label: { zh: '档次', en: 'Tier' },
    choices: type === 'choice' ? [{ key: 'gold', name: { zh: '金', en: 'Gold' } }] : [],
  })
  const shown = (type: string, value: unknown) => {
    const [own] = ownColumns([column('tier', type)], 'zh', names, money)
    return own?.text({ own: value === undefined ? {} : { tier: value } })
  }

  it('say choices by name, records by name, and nothing where there is nothing', () => {
    expect(shown('choice', 'gold')).toBe('金')
    expect(shown('choice', 'tin')).toBe('tin')
    expect(shown('ref', { id: 7, name: '华东' })).toBe('华东')
    expect(shown('bool', false)).toBe('否')
    expect(shown('int', 1234)).toBe('1,234')
    expect(shown('text', undefined)).toBeUndefined()
  })
})
