import { describe, expect, it } from 'vitest'
import type { Mapping, TargetField } from './api'
import {
  assigned,
  carriedOver,
  factors,
  isEventLog,
  keep,
  lacking,
  leaveOut,
  leftOut,
  stageChoices,
  stageName,
  stageWords,
  targetOf,
  targetsOf,
  withStagesByName,
  written,
  zones,
} from './mapping'

const mapping: Mapping = {
  name: 'deals',
  table: { file: 'deals.csv' },
  key: ['No'],
  fields: { amount_minor: { column: 'Amount', times: 10000 }, stage: { column: 'Stage' } },
  keep: ['Note'],
  process: 'b2b-seven',
  stages: { New: 'lead', Offer: 'proposal', '?': '' },
  outcomes: {},
  dates: [],
  decimal_comma: false,
  empty: [],
  currency: 'CNY',
  zone: 'Asia/Shanghai',
  exported_on: '2026-11-24',
}

describe('a mapping', () => {
  it('says what every column is put to', () => {
    expect(['No', 'Amount', 'Stage', 'Note', 'Else'].map((column) => targetOf(mapping, column))).toEqual([
      'id',
      'amount_minor',
      'stage',
      keep,
      leaveOut,
    ])
  })

  it('asks what the values of a column mean that is put to the stage, but for those called as a stage is', () => {
    const columns = [{ name: 'Phase', filled: 3, sample: ['Offer', ' Needs', 'b', ''] }]
    const put = assigned({ ...mapping, stages: {} }, 'Phase', 'stage')
    expect(stageWords(put, columns)).toEqual(['Offer', ' Needs', 'b'])
    const choices = [{ key: 'needs', name: { zh: '需求', en: 'NEEDS' } }]
    expect(withStagesByName(put, columns, choices).stages).toEqual({ ' Needs': 'needs' })
  })

  it('names the columns with values that do not come in', () => {
    const columns = [
      { name: 'No', filled: 3 },
      { name: 'Else', filled: 1 },
      { name: 'Empty', filled: 0 },
    ].map((column) => ({ ...column, sample: [] }))
    expect(leftOut(mapping, columns)).toEqual(['Else'])
  })

  it('puts a column elsewhere and keeps how the field is written', () => {
    const next = assigned(mapping, 'Sum', 'amount_minor')
    expect(next.fields.amount_minor).toEqual({ column: 'Sum', times: 10000 })
    expect(targetOf(next, 'Amount')).toBe(leaveOut)
    expect(assigned(mapping, 'Amount', 'id').key).toEqual(['No', 'Amount'])
    expect(assigned(mapping, 'Amount', 'id').fields).not.toHaveProperty('amount_minor')
    expect(assigned(mapping, 'Stage', keep).keep).toEqual(['Note', 'Stage'])
    expect(targetOf(assigned(mapping, 'No', leaveOut), 'No')).toBe(leaveOut)
    // One column may be several things: each is changed and taken off by itself.
    const both = assigned(mapping, 'No', 'name', leaveOut)
    expect(targetsOf(both, 'No')).toEqual(['id', 'name'])
    expect(targetsOf(assigned(both, 'No', 'owner', 'name'), 'No')).toEqual(['id', 'owner'])
    expect(targetsOf(assigned(both, 'No', leaveOut, 'name'), 'No')).toEqual(['id'])
    expect(targetsOf(assigned(both, 'No', leaveOut, 'id'), 'No')).toEqual(['name'])
    // What was given is not changed.
    expect(mapping.fields.amount_minor?.column).toBe('Amount')
  })

  it('lacks what is needed and has no column', () => {
    const fields = [
      { name: 'id', required: true },
      { name: 'stage', required: true },
      { name: 'owner', required: false },
    ] as TargetField[]
    expect(lacking(mapping, fields)).toEqual([])
    const less = assigned(assigned(mapping, 'No', leaveOut), 'Stage', leaveOut)
    expect(lacking(less, fields).map((field) => field.name)).toEqual(['id', 'stage'])
  })

  it('offers the stages of its process, or the keys it uses where the process is not known', () => {
    const name = { zh: '线索', en: 'Lead' }
    expect(stageChoices(mapping, [{ key: 'b2b-seven', stages: [{ key: 'lead', name }] }])).toEqual([
      { key: 'lead', name },
    ])
    expect(stageChoices(mapping, []).map((one) => one.key)).toEqual(['lead', 'proposal'])
    const own = { key: 'own', name, stages: [{ key: 's1', name, kind: 'open' as const, level: 'low' as const }] }
    expect(stageChoices({ ...mapping, process: own }, [])).toEqual([{ key: 's1', name }])
  })

  it('calls a stage as the process does that it comes into', () => {
    const of = (en: string) => ({ zh: en, en })
    const processes = [
      { key: 'other', stages: [{ key: 'lead', name: of('Inquiry') }] },
      { key: 'b2b-seven', stages: [{ key: 'lead', name: of('Lead') }] },
    ]
    const called = (...[key, by, process]: [string, Mapping | null, string?]) =>
      stageName(key, by, process, processes)?.en
    expect(called('lead', mapping)).toBe('Lead')
    expect(called('lead', mapping, 'other'), 'what the row names goes first').toBe('Inquiry')
    expect(called('lead', null, 'b2b-seven')).toBe('Lead')
    expect([called('lead', null), called('gone', mapping)]).toEqual([undefined, undefined])
    const stages = [{ key: 'lead', name: of('First'), kind: 'open' as const, level: 'low' as const }]
    expect(called('lead', { ...mapping, process: { key: 'other', name: of('Own'), stages } }, 'other')).toBe('First')
  })

  it('stays as it was said, for as long as the same steps come before it', () => {
    const columns = ['No', 'Amount', 'Stage', 'Note', 'Sum', 'Owner'].map((name) => ({
      name,
      filled: 1,

      sample: [],
    }))
    const steps = [{ do: 'type', columns: { A: 'number', B: 'date' } }]
    const again = [{ columns: { B: 'date', A: 'number' }, do: 'type' }]
    const of = (said: Mapping, more: Partial<NonNullable<Mapping['table']>>): Mapping => ({
      ...said,
      table: { file: 'deals.csv', ...said.table, ...more },
    })
    const before = of(mapping, { steps })
    expect(carriedOver(before, of({ ...mapping, name: 'other' }, { steps: again, header_row: 1 }), columns)).toBe(
      before,
    )
    const elsewhere = of(mapping, { file: 'other.csv' })
    expect(carriedOver(before, elsewhere, columns), 'another table').toBe(elsewhere)
    expect(carriedOver(null, elsewhere, columns)).toBe(elsewhere)
  })

  it('lets go of columns that other steps took out, and takes new ones as they are proposed', () => {
    const columns = ['No', 'Sum', 'Stage', 'Owner'].map((name) => ({ name, filled: 1, sample: [] }))
    const proposed: Mapping = {
      ...mapping,
      table: { file: 'deals.csv', steps: [{ do: 'trim' }] },
      fields: { amount_minor: { column: 'Sum' }, owner: { column: 'Owner' }, stage: { column: 'Stage' } },
      stages: { New: 'won', Else: 'lead' },
      dates: ['iso'],
      decimal_comma: true,
    }
    const next = carriedOver({ ...mapping, currency: 'EUR' }, proposed, columns)
    expect(next).toMatchObject({ currency: 'EUR', key: ['No'], keep: [], dates: ['iso'], decimal_comma: true })
    expect(next.table?.steps).toEqual([{ do: 'trim' }])
    expect(Object.entries(next.fields).map(([field, { column }]) => [field, column])).toEqual([
      ['stage', 'Stage'],
      ['amount_minor', 'Sum'],
      ['owner', 'Owner'],
    ])
    expect(next.stages, 'what was said goes first').toMatchObject({ New: 'lead', Else: 'lead' })
  })

  it('stays a log of events where steps are put before it', () => {
    const columns = ['Case', 'Stage', 'At'].map((name) => ({ name, filled: 1, sample: [] }))
    const fields = { stage: { column: 'Stage' }, owner: { column: 'Gone' } }
    const log: Mapping = { ...mapping, key: ['Case'], keep: [], fields, history: { deal: 'Case', at: 'At', fields } }
    const proposed = { ...log, table: { file: 'deals.csv', steps: [{ do: 'trim' }] } }
    const next = carriedOver(log, proposed, columns)
    expect([isEventLog(log), isEventLog(next)]).toEqual([true, true])
    expect(next.history).toEqual({ deal: 'Case', at: 'At', fields: { stage: { column: 'Stage' } } })
    expect(leftOut(next, columns)).toEqual([])
    const another = { ...log, history: { ...log.history, table: { file: 'deals.csv', sheet: 'Changes' } } } as Mapping
    expect(isEventLog(another)).toBe(false)
  })

  it('says how a field is written, and leaves its column where it is', () => {
    expect(written(mapping, 'amount_minor', { times: 1000 }).fields.amount_minor).toEqual({
      column: 'Amount',
      times: 1000,
    })
    expect(written(mapping, 'owner', { percent: true }).fields).toBe(mapping.fields)
    expect(factors(10_000)).not.toContain(7)
    expect(factors(7)).toContain(7)
    expect(zones('Asia/Shanghai').filter((zone) => zone === 'Asia/Shanghai')).toHaveLength(1)
    expect(zones('Mars/Base')[0]).toBe('Mars/Base')
  })
})
