import { useMemo } from 'react'
import type { Analyser } from '@/shared/api/types'
import { Chart, type ChartClick } from '@/shared/charts/Chart'
import { floating, isFlat } from '@/shared/charts/floating'
import { type FloatingBar, floatingBars } from '@/shared/charts/floating-bars'
import { useChartStyle } from '@/shared/charts/use-chart-style'
import { cellOf, useDrill } from '@/shared/drill/drill'
import { amountExact, asNumber, capital, count, scaled, tick } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { data as colours } from '@/shared/theme/palette'
import { QuietLine } from '@/shared/ui/Notice'
import { bridgeRows } from './bridge-rows'
import { bridgeScale } from './chart-scale'
import type { Measure } from './use-analyser'

const lineColours: Record<string, string> = {
  begin: colours.total,
  end: colours.total,
  won: colours.won,
  lost: colours.lost,
  cancelled: colours.cancelled,
  parked: colours.parked,
}

/** From what stood there to what stands there, line by line of the bridge that counts. */
export function BridgeChart({ data, measure, title }: { data: Analyser; measure: Measure; title: string }) {
  const { t, lang } = useTexts()
  const open = useDrill()
  const style = useChartStyle()
  const bars = useMemo(
    () => barsOf(data.bridge, measure, lang, [t('common.deals'), t('common.amount')]),
    [data, measure, lang, t],
  )
  const option = useMemo(() => {
    // The unit of the title and the labels, whatever the running totals come to.
    const scale = bridgeScale(data.bridge, lang)
    const axisLabel = (value: number) => (measure === 'amount' ? tick(value, scale, lang) : count(value, lang))
    return floatingBars(bars, style, { lying: true, axisLabel })
  }, [bars, data, measure, lang, style])
  const clicked = (click: ChartClick) => {
    const bar = bars.find((one) => one.name === (click.name || click.value))
    if (!bar) return
    open({
      cell: cellOf('bridge', { line: bar.key }),
      title: `${title} · ${bar.name}`,
      extra: { from: data.week.from, to: data.week.to },
    })
  }
  if (isFlat(bars)) return <QuietLine>{t('block.noData')}</QuietLine>
  return <Chart option={option} label={t('block.chart', { title })} onClick={clicked} />
}

function barsOf(
  bridge: Analyser['bridge'],
  measure: Measure,
  lang: 'zh' | 'en',
  [dealsName, amountName]: readonly [string, string],
): FloatingBar[] {
  const rows = bridgeRows(bridge, measure)
  const key = measure === 'amount' ? 'amount_minor' : 'deals'
  const money = { currency: bridge.currency ?? null, decimals: bridge.decimals ?? 2 }
  const values = rows.map((row) => asNumber(row[key]) ?? 0)
  const scale = bridgeScale(bridge, lang)
  const steps = rows.map((row, at) =>
    row.sign === '+' ? (values[at] ?? 0) : row.sign === '=' ? 0 : -(values[at] ?? 0),
  )
  const begin = values[rows.findIndex((row) => row.line === 'begin')] ?? 0
  const places = floating(steps, begin)
  return rows.map((row, at) => {
    const value = values[at] ?? 0
    const stands = row.sign === '='
    const label = measure === 'amount' ? scaled(value, scale, lang) : count(value, lang)
    const minor = asNumber(row.amount_minor)
    const name = capital(String(row[`line_${lang}`] ?? row.line))
    return {
      key: String(row.line),
      name,
      from: stands ? 0 : (places[at]?.from ?? 0),
      to: stands ? value : (places[at]?.to ?? 0),
      colour: lineColours[String(row.line)] ?? (row.sign === '+' ? colours.fresh : colours.cancelled),
      label: stands || !/[1-9]/.test(label) ? label : `${row.sign === '+' ? '+' : '−'}${label.replace(/^−/, '')}`,
      tip: [
        [dealsName, count(asNumber(row.deals) ?? 0, lang)] as const,
        ...(minor === null ? [] : [[amountName, amountExact(minor, money, lang)] as const]),
      ],
    }
  })
}
