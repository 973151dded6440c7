import type { EChartsCoreOption } from 'echarts/core'
import { useMemo } from 'react'
import type { Answer, Row } from '@/shared/api/types'
import { Chart } from '@/shared/charts/Chart'
import { sharesOverTime } from '@/shared/charts/shares-over-time'
import { tipTable, useChartStyle } from '@/shared/charts/use-chart-style'
import { date } from '@/shared/format/dates'
import { asNumber, count, share, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { data as colours } from '@/shared/theme/palette'

/** Scores at the ends of months, each by what was true then. */
export function TrendChart({ answer }: { answer: Answer }) {
  const { t, lang } = useTexts()
  const style = useChartStyle()
  const option = useMemo<EChartsCoreOption>(() => {
    const rows = answer.rows as Row[]
    const written = (value: unknown) => {
      const number = asNumber(value)
      return number === null ? undefinedMark : share(number, lang)
    }
    const line = (key: string, name: string, colour: string, width: number) => ({
      id: key,
      name,
      type: 'line' as const,
      symbol: 'circle',
      symbolSize: width > 2 ? 7 : 5,
      itemStyle: { color: colour },
      lineStyle: { color: colour, width, type: width > 2 ? ('solid' as const) : ('dashed' as const) },
      data: rows.map((row) => asNumber(row[key])),
      endLabel: { show: true, formatter: name, ...style.text, color: style.palette.text, distance: 8 },
      labelLayout: { moveOverlap: 'shiftY' as const },
    })
    const axes = sharesOverTime(rows, lang === 'zh' ? 56 : 84, lang, style)
    return {
      ...axes,
      yAxis: { ...axes.yAxis, max: 1 },
      tooltip: {
        ...style.tooltip,
        trigger: 'axis',
        formatter: (points: { dataIndex: number }[]) => {
          const row = rows[points[0]?.dataIndex ?? 0]
          if (!row) return ''
          return tipTable(date(String(row.day), lang), [
            [t('quality.all'), written(row.score)],
            [t('quality.deals'), written(row.deals_score)],
            [t('quality.customers'), written(row.customers_score)],
            [t('quality.failing'), count(asNumber(row.failing) ?? 0, lang)],
          ])
        },
      },
      series: [
        line('score', t('quality.all'), style.palette.accent, 3),
        line('deals_score', t('quality.deals'), colours.fresh, 1.5),
        line('customers_score', t('quality.customers'), colours.total, 1.5),
      ],
    }
  }, [answer, lang, style, t])
  return <Chart option={option} label={t('block.chart', { title: t('quality.score') })} />
}
