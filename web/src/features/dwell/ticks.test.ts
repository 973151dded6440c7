import { expect, it } from 'vitest'
import { ticks } from './ticks'

it.each([
  [1.05, [0, 1]],
  [5.9, [0, 1, 2, 3, 4, 5]],
  [33.6, [0, 10, 20, 30]],
  [60, [0, 20, 40, 60]],
  [420, [0, 100, 200, 300, 400]],
  [7000, [0, 2000, 4000, 6000]],
])('up to %d days', (end, marks) => expect(ticks(end)).toEqual(marks))
