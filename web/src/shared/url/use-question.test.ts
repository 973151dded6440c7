import { describe, expect, it } from 'vitest'
import type { Process } from '../api/types'
import { firstProcess, lastTold } from './use-question'

const process = (key: string, deals: number, last_day: string | null) => ({ key, deals, last_day }) as Process
const today = '2026-11-24'

describe('the process to begin with', () => {
  const old = process('old-export', 20_000, '2021-11-10')
  const small = process('small', 20, '2026-11-20')
  const large = process('large', 200, '2026-11-23')

  it('is the largest of those that something is told of', () => {
    expect(firstProcess([old, small, large], today)?.key).toBe('large')
  })

  it('is the largest where all of them stand still, or none has a deal', () => {
    expect(firstProcess([process('other', 3, '2020-01-01'), old], today)?.key).toBe('old-export')
    expect(firstProcess([process('empty', 0, null)], today)?.key).toBe('empty')
    expect(firstProcess([], today)).toBeUndefined()
  })

  it('is seen as of its last day where that is long ago', () => {
    expect(lastTold([old, large], 'old-export', today)).toBe('2021-11-10')
    expect(lastTold([old, large], 'large', today)).toBeUndefined()
    expect(lastTold([old, large], 'old-export', '2021-12-10')).toBeUndefined()
    expect(lastTold([old, large], 'old-export', '2021-12-11')).toBe('2021-11-10')
  })
})
