import { describe, expect, it } from 'vitest'
import { safeTarget } from './SignInPage'

describe('after signing in', () => {
  it.each([
    ['/funnel?process=b2b-seven', '/funnel?process=b2b-seven'],
    [undefined, '/'],
    ['https://elsewhere.example', '/'],
    ['//elsewhere.example', '/'],
    ['/\\elsewhere.example', '/'],
    ['javascript:alert(1)', '/'],
  ])('%s leads to %s', (to, target) => expect(safeTarget(to)).toBe(target))
})
