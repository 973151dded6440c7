import { describe, expect, it } from 'vitest'
import type { Column } from '@/shared/api/types'
import { customersCell, customersDrill, groupDrill, stepDrill } from './customers-drill'

const column = (key: string, unit: Column['unit'] = 'count') =>
  ({ key, unit, bar: false, label: { zh: key, en: key } }) as Column

describe('the customers behind a number', () => {
  it('are named so that any group comes back as it was', () => {
    for (const group of [undefined, '', '#12', 'A & B=100%;客户']) {
      const cell = { step: 'contracted', which: 'pending' as const, group }
      expect(customersCell(customersDrill(cell, 'x'))).toEqual(cell)
    }
  })

  it('are those of a step, by the column', () => {
    const of = (key: string, unit?: Column['unit']) => stepDrill({ step: 'paying' }, column(key, unit), 'x')
    expect(customersCell(of('skipped') ?? { cell: '', title: '' })).toEqual({ step: 'paying', which: 'skipped' })
    expect(of('of_before', 'share')).toBeUndefined()
    expect(of('median_days', 'days')).toBeUndefined()
  })

  it('are those of a group, also of the one without a name', () => {
    const of = (key: string) => groupDrill({ channel: '' }, column(key), 'channel', 'x')
    expect(customersCell(of('potential') ?? { cell: '', title: '' })).toEqual({
      step: 'potential',
      which: 'here',
      group: '',
    })
    expect(of('ordered_minor')).toBeUndefined()
  })
})
