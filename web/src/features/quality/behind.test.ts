import { describe, expect, it } from 'vitest'
import { behind, nameOf } from './behind'

describe('what a number of a breakdown opens', () => {
  it('is the part of its row', () => {
    expect(behind('rule', { rule: 'silent' }, 'failing')).toEqual({ q_rule: 'silent' })
    expect(behind('person', { person: 'Wang', id: 7 }, 'score')).toEqual({ q_person: '7' })
    expect(behind('person', { person: null, id: 0 }, 'customers')).toEqual({ q_of: 'customer', q_person: '0' })
    expect(behind('source', { source: '' }, 'deals_score')).toEqual({ q_of: 'deal', q_source: '' })
    expect(behind('rule', { rule: 'silent' }, 'weight')).toBeUndefined()
    expect(behind('process', { process: 'b2b-seven' }, 'score')).toBeUndefined()
  })

  it('is named in the language of the reader', () => {
    expect(nameOf({ rule: 'silent', rule_zh: '久无', rule_en: 'Silent' }, 'rule', 'zh')).toBe('久无')
    expect(nameOf({ person: 'Wang' }, 'person', 'en')).toBe('Wang')
    expect(nameOf({ person: null }, 'person', 'en')).toBeNull()
  })
})
