import type { EChartsCoreOption } from 'echarts/core'
import { useMemo } from 'react'
import { useMeta } from '@/shared/api/queries'
import type { Analyser } from '@/shared/api/types'
import { Chart, type ChartClick } from '@/shared/charts/Chart'
import { tipTable, useChartStyle } from '@/shared/charts/use-chart-style'
import { date, dateTick, week as weekName } from '@/shared/format/dates'
import { amountExact, count, tick, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { data as colours, stageColours } from '@/shared/theme/palette'
import { QuietLine } from '@/shared/ui/Notice'
import { useSetAddress } from '@/shared/url/use-view'
import { weeksIn, weeksScale } from './chart-scale'
import type { Week } from './stock-by-day'
import type { Measure } from './use-analyser'

type Box = {
  coord: (at: [number, number]) => [number, number]
  size: (of: [number, number]) => [number, number]
  value: (at: number) => number
}

/**
 * One stage over the weeks, a candle each: the body reaches from the opening to the closing stock, the wick above is
 * what left as won, the wick below what left as lost. A click looks from the end of that week.
 */
export function WeeksChart({ data, measure, title }: { data: Analyser; measure: Measure; title: string }) {
  const { t } = useTexts()
  const { today } = useMeta()
  const setAddress = useSetAddress()
  const { option, weeks } = useWeeks(data, measure)
  const clicked = ({ data: candle }: ChartClick) => {
    const day = Array.isArray(candle) ? weeks[Number(candle[0])]?.day : undefined
    if (day) void setAddress({ as_of: day >= today ? undefined : day })
  }
  if (!weeks.some((week) => week.opening || week.closing || week.won || week.lost)) {
    return <QuietLine>{t('block.noData')}</QuietLine>
  }
  return <Chart option={option} label={t('block.chart', { title })} onClick={clicked} />
}

function useWeeks(data: Analyser, measure: Measure): { option: EChartsCoreOption; weeks: Week[] } {
  const { t, lang } = useTexts()
  const style = useChartStyle()
  return useMemo(() => {
    const weeks = weeksIn(data, measure)
    const money = { currency: data.trend.currency ?? null, decimals: data.trend.decimals ?? 2 }
    const scale = weeksScale(data, weeks, lang)
    const exact = (value: number | null) =>
      value === null ? undefinedMark : measure === 'amount' ? amountExact(value, money, lang) : count(value, lang)
    const body = stageColours(data.stages).get(data.stage ?? '') ?? colours.total
    // A week of which nothing is known has no candle.
    const drawn = weeks.flatMap((week, at) => {
      if (week.opening === null && week.closing === null) return []
      const [opening, closing] = [week.opening ?? 0, week.closing ?? 0]
      const [top, bottom] = [Math.max(opening, closing), Math.min(opening, closing)]
      return [[at, opening, closing, top + (week.won ?? 0), bottom - (week.lost ?? 0)]]
    })
    const option: EChartsCoreOption = {
      grid: { left: 4, right: 8, top: 12, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      xAxis: {
        ...style.categoryAxis,
        data: weeks.map((week) => week.day),
        axisLabel: { ...style.text, hideOverlap: true, formatter: (day: string) => dateTick(day, lang) },
      },
      yAxis: {
        ...style.valueAxis,
        scale: true,
        axisLabel: {
          ...style.text,
          formatter: (value: number) => (measure === 'amount' ? tick(value, scale, lang) : count(value, lang)),
        },
      },
      tooltip: {
        ...style.tooltip,
        trigger: 'axis',
        axisPointer: { type: 'shadow', shadowStyle: { color: 'rgba(128,140,160,0.10)' } },
        formatter: (points: { value: number[] }[]) => {
          const week = weeks[points[0]?.value[0] ?? 0]
          if (!week) return ''
          return tipTable(`${date(week.day, lang)} · ${weekName(week.day, lang)}`, [
            [t('analyser.opening'), exact(week.opening)],
            [t('analyser.closing'), exact(week.closing)],
            [t('analyser.flowedWon'), exact(week.won)],
            [t('analyser.flowedLost'), exact(week.lost)],
          ])
        },
      },
      series: [
        {
          id: 'weeks',
          type: 'custom',
          encode: { x: 0, y: [1, 2, 3, 4] },
          data: drawn,
          renderItem: (_: unknown, box: Box) => candle(box, body, style.palette.surface),
        },
      ],
    }
    return { option, weeks }
  }, [data, measure, lang, style, t])
}

/** A hollow body rose, a full one fell; both keep the stage's colour. */
function candle(box: Box, colour: string, ground: string) {
  const point = (value: number) => box.coord([box.value(0), value])
  const [x, opening] = point(box.value(1))
  const [, closing] = point(box.value(2))
  const [, wonEnd] = point(box.value(3))
  const [, lostEnd] = point(box.value(4))
  const [slot] = box.size([1, 0])
  const width = Math.max(3, Math.min(18, slot * 0.6))
  const [top, bottom] = [Math.min(opening, closing), Math.max(opening, closing)]
  const wick = (from: number, to: number, stroke: string) => ({
    type: 'line',
    shape: { x1: x, y1: from, x2: x, y2: to },
    style: { stroke, lineWidth: 3 },
  })
  return {
    type: 'group',
    children: [
      wick(top, wonEnd, colours.won),
      wick(bottom, lostEnd, colours.lost),
      {
        type: 'rect',
        shape: { x: x - width / 2, y: top, width, height: Math.max(2, bottom - top), r: 1 },
        style: { fill: closing < opening ? ground : colour, stroke: colour, lineWidth: 1.5 },
      },
    ],
  }
}
