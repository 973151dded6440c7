import { describe, expect, it } from 'vitest'
import { stagesOf, stockByDay, weeksOf } from './stock-by-day'

const trend = [
  { day: '2026-11-15', stage: 'proof', deals: 4 },
  { day: '2026-11-08', stage: 'proof', deals: 3 },
  { day: '2026-11-22', stage: 'proof', deals: 6 },
  { day: '2026-11-22', stage: 'lead', deals: 9 },
]
const series = [
  { to_day: '2026-11-15', from_stage: 'proof', to_stage: 'lost', deals: 2 },
  { to_day: '2026-11-22', from_stage: 'proof', to_stage: 'won', deals: 1 },
  { to_day: '2026-11-22', from_stage: 'lead', to_stage: 'lost', deals: 8 },
]

describe('weeks of a stage', () => {
  it('open where the week before closed, and tell what left', () => {
    expect(weeksOf(trend, series, 'proof', { stock: 'deals', left: 'deals' })).toEqual([
      { day: '2026-11-15', opening: 3, closing: 4, won: null, lost: 2 },
      { day: '2026-11-22', opening: 4, closing: 6, won: 1, lost: null },
    ])
  })

  it('are absent where nothing stood', () => {
    expect(weeksOf(trend, series, 'lead', { stock: 'deals', left: 'deals' }).map((week) => week.opening)).toEqual([
      null,
      null,
    ])
  })

  it('come in the order of days', () => {
    expect(stockByDay(trend).days).toEqual(['2026-11-08', '2026-11-15', '2026-11-22'])
  })
})

describe('stages of a trend', () => {
  it('are those of its rows: the process’s own in its order, then the unknown and earlier ones, so that shares sum', () => {
    const rows = [
      { day: '2026-11-22', stage: 'unknown', amount_share: 0.2 },
      { day: '2026-11-22', stage: 'proof', amount_share: 0.5 },
      { day: '2026-11-22', stage: 'dropped', stage_en: 'Dropped stage', amount_share: 0.1 },
      { day: '2026-11-22', stage: 'lead', amount_share: 0.2 },
    ]
    const stages = stagesOf(rows, [{ key: 'lead' }, { key: 'needs' }, { key: 'proof' }])
    expect(stages.map((stage) => stage.key)).toEqual(['lead', 'proof', 'unknown', 'dropped'])
    expect(stages[3]?.row.stage_en).toBe('Dropped stage')
  })
})
