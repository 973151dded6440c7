import { expect, it } from 'vitest'
import { floating, isFlat } from './floating'

it('stands every column on the end of the one before', () => {
  expect(floating([5, 3, -2, 0], 10)).toEqual([
    { from: 10, to: 15 },
    { from: 15, to: 18 },
    { from: 18, to: 16 },
    { from: 16, to: 16 },
  ])
})

it('is flat where no column has a height', () => {
  expect([[], [0, 0], [0, 3]].map((steps) => isFlat(floating(steps)))).toEqual([true, true, false])
})
