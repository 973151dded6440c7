import { expect, it } from 'vitest'
import type { Answer } from '@/shared/api/types'
import { nothingIn } from './use-cohort'

const cohort = (...rows: { n: number; found: number }[]) => ({ rows }) as unknown as Answer

it('a cohort is empty where nobody entered, or where entering is not told of those who stand there', () => {
  expect(nothingIn(cohort({ n: 0, found: 5 }, { n: 2, found: 0 }))).toBeUndefined()
  expect(nothingIn(cohort({ n: 0, found: 5 }, { n: 0, found: 0 }))).toBe('noSteps')
  expect(nothingIn(cohort({ n: 0, found: 0 }))).toBe('noneEntered')
  expect(nothingIn(cohort())).toBe('noneEntered')
})
