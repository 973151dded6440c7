import { describe, expect, it } from 'vitest'
import type { Analyser } from '@/shared/api/types'
import { linesHeight } from './movement-view'

const data = {
  stages: [{ key: 'lead' }, { key: 'proof' }],
  matrix: {
    rows: [
      { from_stage: 'lead', to_stage: 'proof', deals: 2, amount_to_minor: 5 },
      { from_stage: 'new', to_stage: 'lead', deals: 1, amount_to_minor: 3 },
    ],
  },
  bridge: {
    rows: [
      { line: 'begin', sign: '=' },
      { line: 'new', sign: '+' },
      { line: 'grown', sign: '+' },
      { line: 'end', sign: '=' },
      { line: 'pulled_in', sign: 'i' },
    ],
  },
} as unknown as Analyser

describe('the height of the movement', () => {
  it('grows by a line for each state of the matrix and each step of the bridge', () => {
    const more = { ...data, stages: [...data.stages, { key: 'late' }] } as Analyser
    expect((linesHeight(more, 'matrix', 'amount') ?? 0) - (linesHeight(data, 'matrix', 'amount') ?? 0)).toBe(20)
    // By count nothing grows or shrinks, and what only explains is no step.
    expect((linesHeight(data, 'bridge', 'amount') ?? 0) - (linesHeight(data, 'bridge', 'deals') ?? 0)).toBe(20)
  })

  it('is left to the page for the weeks', () => expect(linesHeight(data, 'weeks', 'amount')).toBeUndefined())
})
