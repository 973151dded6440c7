import { expect, it } from 'vitest'
import { isFarOff, statusOf } from './status'

it.each([
  [0, 'red', true],
  [0.599, 'red', true],
  [0.6, 'yellow', true],
  [0.849, 'yellow', true],
  [0.85, 'green', false],
  [1, 'green', false],
  [1.16, 'green', true],
] as const)('%d is %s', (share, status, far) => {
  expect(statusOf(share)).toBe(status)
  expect(isFarOff(share)).toBe(far)
})
