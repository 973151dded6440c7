import { expect, it } from 'vitest'
import { tsv } from './tsv'

it('keeps every cell in its place and lets none be a formula', () => {
  expect(
    tsv([
      ['a\tb', null, 1],
      ['=1+1', '-x', '-1.5'],
      ['@x', '+86', undefined],
    ]),
  ).toBe("a b\t\t1\n'=1+1\t'-x\t-1.5\n'@x\t'+86\t")
})
