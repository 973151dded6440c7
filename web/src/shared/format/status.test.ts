import { expect, it } from 'vitest'
import { statusOf, statusSigns } from './status'

it('every colour of the server has a sign, and nothing else is a colour', () => {
  for (const colour of ['red', 'yellow', 'green']) expect(statusOf(colour)).toBe(colour)
  expect(new Set(Object.values(statusSigns)).size).toBe(3)
  for (const other of [null, undefined, 0.7, 'blue']) expect(statusOf(other)).toBeUndefined()
})
