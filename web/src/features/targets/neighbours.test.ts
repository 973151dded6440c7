import { describe, expect, it } from 'vitest'
import { apartFrom } from './neighbours'

describe('an amount beside its neighbours', () => {
  it.each([
    [420, [], null],
    [420, [0], null],
    [0, [400], null],
    [null, [400], null],
    [19_999, [400], null],
    [20_000, [400], { times: 50, larger: true }],
    [400_000, [400, 390, 1], { times: 1026, larger: true }],
    [9, [400], null],
    [8, [400], { times: 50, larger: false }],
  ])('%s among %j: %j', (minor, others, apart) => {
    expect(apartFrom(minor, others)).toEqual(apart)
  })
})
