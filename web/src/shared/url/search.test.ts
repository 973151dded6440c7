import { describe, expect, it } from 'vitest'
import { chipOf, chipText, parseSearch, stringifySearch, viewOf, wrongDays } from './search'

describe('addresses', () => {
  it('come back as they went', () => {
    const search = {
      process: 'b2b-seven',
      as_of: '2026-11-23',
      f: ['region:华东 East', 'owner:', 'product:a:b,c'],
      where: "amount > 100000 and name like '%&=%'",
      stage: 'proof',
    }
    expect(parseSearch(stringifySearch(search))).toEqual(search)
  })

  it('can be read', () => {
    expect(stringifySearch({ process: 'b2b-seven', f: ['region:East'], by: 'region,team' })).toBe(
      '?process=b2b-seven&f=region:East&by=region,team',
    )
  })

  it('hold nothing that is empty', () => {
    expect(stringifySearch({ process: undefined, f: [], where: '' })).toBe('')
    expect(parseSearch('?where=&process=')).toEqual({})
  })

  it('give no view of what is no day, and tell it', () => {
    const search = parseSearch('?as_of=2026-13-45&known_at=2026-02-28')
    expect(viewOf(search)).toEqual({ known_at: '2026-02-28' })
    expect(wrongDays(search)).toEqual([{ key: 'as_of', value: '2026-13-45' }])
    expect(wrongDays(parseSearch('?as_of=2026-11-23'))).toEqual([])
  })

  it('take days in full-width figures for days', () => {
    expect(parseSearch('?as_of=２０２６-０９-３０&known_at=２０２６－０９－３０')).toEqual({
      as_of: '2026-09-30',
      known_at: '2026-09-30',
    })
    expect(parseSearch('?as_of=２０２６-１３-４５')).toEqual({ as_of: '２０２６-１３-４５' })
  })

  it('give no view from a day ahead', () => {
    expect(viewOf({ as_of: '2026-11-25' }, '2026-11-24')).toEqual({})
    expect(viewOf({ as_of: '2026-11-24' }, '2026-11-24')).toEqual({ as_of: '2026-11-24' })
  })

  it('give the frame its own part only', () => {
    expect(viewOf(parseSearch('?process=p&stage=proof&by=account&f=region:East&scope=me'))).toEqual({
      process: 'p',
      scope: 'me',
      f: ['region:East'],
    })
  })
})

describe('chips', () => {
  it.each([
    ['region:East', { dimension: 'region', value: 'East' }],
    ['product:a:b', { dimension: 'product', value: 'a:b' }],
    ['owner:', { dimension: 'owner', value: '' }],
  ])('%s', (text, chip) => {
    expect(chipOf(text)).toEqual(chip)
    expect(chipText(chip)).toBe(text)
  })
})
