import { useMemo } from 'react'
import { lacksAmounts } from '@/shared/answer/cells'
import type { Analyser, Answer, Column, Row } from '@/shared/api/types'
import { Chart, type ChartClick } from '@/shared/charts/Chart'
import { floating, isFlat } from '@/shared/charts/floating'
import { type FloatingBar, floatingBars } from '@/shared/charts/floating-bars'
import { useChartStyle } from '@/shared/charts/use-chart-style'
import { cellOf, stockDrill, useDrill } from '@/shared/drill/drill'
import {
  amountExact,
  amountScale,
  asNumber,
  count,
  days,
  scaled,
  tick,
  share,
  undefinedMark,
  unitName,
  withUnit,
} from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { data as colours, stageColours, stateColour } from '@/shared/theme/palette'
import { Block } from '@/shared/ui/Block'
import { QuietLine } from '@/shared/ui/Notice'
import { useMedia, usePhone } from '@/shared/ui/use-media'
import { useStateName } from './names'
import type { Measure } from './use-analyser'

/** Open deals by stage, each column on the end of the one before, up to the total. */
export function WaterfallBlock({ data, measure }: { data: Analyser; measure: Measure }) {
  const { t, lang } = useTexts()
  const open = useDrill()
  const style = useChartStyle()
  const lying = usePhone()
  // Seven columns and no more have room for an amount and its share above each.
  const roomy = useMedia('(min-width: 1400px)') && data.stock.rows.length <= 7
  const { bars, axisLabel, unit } = useBars(data, measure, roomy)
  const option = useMemo(() => floatingBars(bars, style, { axisLabel, lying }), [bars, style, axisLabel, lying])
  const nameOf = useStateName(data.stages)
  const title = withUnit(t('analyser.waterfall'), unit, lang)

  const drill = (row: Row, column: Column) => stockDrill(row, column, nameOf(String(row.stage), row, 'stage'))
  const clicked = (click: ChartClick) => {
    const bar = bars.find((one) => one.name === (click.name || click.value))
    if (bar) open({ cell: cellOf('stock', bar.key === 'total' ? {} : { stage: bar.key }), title: bar.name })
  }
  return (
    <Block title={title} answer={data.stock} file={{ path: 'funnel' }} picture drill={drill}>
      {isFlat(bars) ? (
        <QuietLine>{t(asNumber(data.stock.totals?.deals) ? 'analyser.noAmounts' : 'block.noData')}</QuietLine>
      ) : (
        <Chart option={option} label={t('block.chart', { title })} onClick={clicked} />
      )}
    </Block>
  )
}

function useBars(data: Analyser, measure: Measure, roomy: boolean) {
  const { t, lang } = useTexts()
  const nameOf = useStateName(data.stages)
  return useMemo(() => {
    const stock: Answer = data.stock
    const key = measure === 'amount' ? 'amount_minor' : 'deals'
    const money = { currency: stock.currency ?? null, decimals: stock.decimals ?? 2 }
    const rows = stock.rows as Row[]
    const totals: Row = stock.totals ?? {}
    const scale = amountScale([...rows.map((row) => row[key]), totals[key]], money.decimals, lang)
    const written = (value: number) => (measure === 'amount' ? scaled(value, scale, lang) : count(value, lang))
    const tip = (row: Row): FloatingBar['tip'] => {
      const lines: [string, string][] = []
      for (const column of stock.columns) {
        const value = asNumber(row[column.key])
        if (value === null) continue
        if (column.unit === 'count') lines.push([column.label[lang], count(value, lang)])
        if (column.unit === 'amount_minor') lines.push([column.label[lang], amountExact(value, money, lang)])
        if (column.unit === 'days')
          lines.push([column.label[lang], t('winRate.cycleDays', { count: value, n: days(value, lang) })])
        if (column.unit === 'share') lines.push([column.label[lang], share(value, lang)])
      }
      return lines
    }
    // A stage of whose deals no amount is known has no share of it.
    const labelOf = (row: Row, part: number | null) => {
      if (measure === 'amount' && lacksAmounts(row)) return undefinedMark
      const value = written(asNumber(row[key]) ?? 0)
      if (measure !== 'amount' || part === null) return value
      return roomy ? `${value} · ${share(part, lang)}` : share(part, lang)
    }
    const colour = stageColours(data.stages)
    const values = rows.map((row) => asNumber(row[key]) ?? 0)
    const places = floating(values)
    const bars: FloatingBar[] = rows.map((row, at) => {
      const part = asNumber(row.amount_share)
      return {
        key: String(row.stage),
        name: nameOf(String(row.stage), row, 'stage'),
        from: places[at]?.from ?? 0,
        to: places[at]?.to ?? 0,
        colour: colour.get(String(row.stage)) ?? stateColour(String(row.stage)) ?? colours.cancelled,
        label: labelOf(row, part),
        tip: tip(row),
      }
    })
    const total = asNumber(totals[key])
    if (total !== null) {
      bars.push({
        key: 'total',
        name: t('common.total'),
        from: 0,
        to: total,
        colour: colours.total,
        label: written(total),
        tip: tip(totals),
      })
    }
    const axisLabel = (value: number) => (measure === 'amount' ? tick(value, scale, lang) : count(value, lang))
    const unit = measure === 'amount' ? unitName('amount_minor', scale, stock.currency, lang) : ''
    return { bars, axisLabel, unit }
  }, [data, measure, roomy, lang, nameOf, t])
}
