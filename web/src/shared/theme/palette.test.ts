import { describe, expect, it } from 'vitest'
import { contrast, data, palettes, stageColours } from './palette'

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  const palette = palettes[theme]

  it.each(['text', 'text-soft', 'text-faint', 'accent', 'good-text', 'warn-text', 'bad-text'] as const)(
    '%s is readable on every ground (AA)',
    (ink) => {
      for (const ground of ['page', 'surface', 'raised', 'sunken'] as const) {
        expect(contrast(palette[ink], palette[ground])).toBeGreaterThanOrEqual(4.5)
      }
    },
  )

  it.each(['good', 'warn', 'bad'] as const)('%s words are readable on their own soft ground', (status) => {
    expect(contrast(palette[`${status}-text`], palette[`${status}-soft`])).toBeGreaterThanOrEqual(4.5)
  })

  it('words on the accent are readable', () => {
    expect(contrast(palette['on-accent'], palette.accent)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['good', 'bad', 'total'] as const)('%s is seen beside its ground', (mark) => {
    expect(contrast(data[mark], palette.surface)).toBeGreaterThanOrEqual(2.8)
  })
})

describe('stage ramp', () => {
  const stages = [1, 2, 3, 4, 5, 6, 7, 8].map((order) => ({ key: `s${order}`, high: order > 4 }))
  const colours = [...stageColours(stages).values()]

  it('runs from light to dark within low and within high', () => {
    for (const part of [colours.slice(0, 4), colours.slice(4)]) {
      const onWhite = part.map((colour) => contrast(colour, '#ffffff'))
      expect(onWhite).toEqual([...onWhite].sort((a, b) => a - b))
    }
  })

  it('gives every stage its own colour', () => {
    expect(new Set(colours).size).toBe(stages.length)
  })
})
