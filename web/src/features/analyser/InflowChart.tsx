import { useMemo } from 'react'
import type { Analyser, Answer, Row } from '@/shared/api/types'
import { Chart, type ChartClick } from '@/shared/charts/Chart'
import { floating, isFlat } from '@/shared/charts/floating'
import { type FloatingBar, floatingBars } from '@/shared/charts/floating-bars'
import { useChartStyle } from '@/shared/charts/use-chart-style'
import { cellOf, useDrill } from '@/shared/drill/drill'
import { amountExact, asNumber, count, scaled, tick, share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { data as colours, stageColours, stateColour } from '@/shared/theme/palette'
import { QuietLine } from '@/shared/ui/Notice'
import { useMedia } from '@/shared/ui/use-media'
import { inflowScale } from './chart-scale'
import { useStateName } from './names'
import type { Measure } from './use-analyser'

/** Where the week's inflow into one stage came from: last week's stages and what is new, built up to the total. */
export function InflowChart({ data, measure, title }: { data: Analyser; measure: Measure; title: string }) {
  const { t } = useTexts()
  const open = useDrill()
  const style = useChartStyle()
  // As wide as on the one screen of the style sheet the names have room under their columns.
  const lying = useMedia('(max-width: 1399px)')
  const { bars, axisLabel } = useBars(data, measure)
  const option = useMemo(() => floatingBars(bars, style, { axisLabel, lying }), [bars, style, axisLabel, lying])
  const clicked = (click: ChartClick) => {
    const bar = bars.find((one) => one.name === (click.name || click.value))
    if (!bar) return
    const from = bar.key === 'total' ? {} : { from_stage: bar.key }
    open({
      cell: cellOf('migration', { ...from, to_stage: data.stage }),
      title: `${title} · ${bar.name}`,
      extra: { from: data.week.from, to: data.week.to },
    })
  }
  if (data.inflow.rows.length === 0) return <QuietLine>{t('analyser.noInflow')}</QuietLine>
  if (isFlat(bars)) return <QuietLine>{t('analyser.noAmounts')}</QuietLine>
  return <Chart option={option} label={t('block.chart', { title })} onClick={clicked} />
}

function useBars(data: Analyser, measure: Measure) {
  const { t, lang } = useTexts()
  const nameOf = useStateName(data.stages)
  return useMemo(() => {
    const key = measure === 'amount' ? 'amount_to_minor' : 'deals'
    const inflow: Answer = data.inflow
    const money = { currency: inflow.currency ?? null, decimals: inflow.decimals ?? 2 }
    const byStage = new Map((inflow.rows as Row[]).map((row) => [String(row.from_stage), row]))
    const others = [...byStage.keys()].filter(
      (stage) => !data.stages.some((one) => one.key === stage) && stage !== 'new',
    )
    // Every stage but the one that is flowed into, as last week had them; then what came from outside of the stock.
    const sources = [...data.stages.filter((one) => one.key !== data.stage).map((one) => one.key), 'new', ...others]
    const values = sources.map((source) => asNumber(byStage.get(source)?.[key]) ?? 0)
    const places = floating(values)
    const total = asNumber(inflow.totals?.[key])
    const scale = inflowScale(data, lang)
    const written = (value: number) => (measure === 'amount' ? scaled(value, scale, lang) : count(value, lang))
    const tip = (row: Row | undefined): FloatingBar['tip'] => {
      const [deals, minor, part] = [asNumber(row?.deals), asNumber(row?.amount_to_minor), asNumber(row?.inflow_share)]
      const lines: [string, string][] = [[t('common.deals'), count(deals ?? 0, lang)]]
      if (minor !== null) lines.push([t('common.amount'), amountExact(minor, money, lang)])
      if (part !== null) lines.push(['%', share(part, lang)])
      return lines
    }
    const colour = stageColours(data.stages)
    const bars: FloatingBar[] = sources.map((source, at) => ({
      key: source,
      name: nameOf(source, byStage.get(source), 'from_stage'),
      from: places[at]?.from ?? 0,
      to: places[at]?.to ?? 0,
      colour: colour.get(source) ?? stateColour(source) ?? colours.cancelled,
      label: byStage.has(source) ? written(values[at] ?? 0) : '',
      tip: tip(byStage.get(source)),
    }))
    if (total !== null) {
      bars.push({
        key: 'total',
        name: t('common.total'),
        from: 0,
        to: total,
        colour: colours.total,
        label: written(total),
        tip: inflow.totals ? tip(inflow.totals) : [],
      })
    }
    return {
      bars,
      axisLabel: (value: number) => (measure === 'amount' ? tick(value, scale, lang) : count(value, lang)),
    }
  }, [data, measure, lang, nameOf, t])
}
