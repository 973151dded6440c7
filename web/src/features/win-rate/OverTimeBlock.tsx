import { Segmented } from 'antd'
import type { EChartsCoreOption } from 'echarts/core'
import { useMemo } from 'react'
import { AnswerState } from '@/shared/answer/AnswerState'
import { useMeta } from '@/shared/api/queries'
import type { Answer, Row } from '@/shared/api/types'
import { Chart, type ChartClick } from '@/shared/charts/Chart'
import { sharesOverTime } from '@/shared/charts/shares-over-time'
import { tipTable, useChartStyle } from '@/shared/charts/use-chart-style'
import { useDrill } from '@/shared/drill/drill'
import { date } from '@/shared/format/dates'
import { asNumber, count, share, undefinedMark, withUnit } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { data as colours } from '@/shared/theme/palette'
import { Block } from '@/shared/ui/Block'
import { QuietLine } from '@/shared/ui/Notice'
import { useAsOf } from '@/shared/url/use-question'
import { useAddressValue } from '@/shared/url/use-view'
import styles from './OverTimeBlock.module.css'
import { drawn, type Every } from './part'
import { useWinRate, useWinRateDrill } from './use-win-rate'

const steps = ['month', 'quarter', 'year'] as const

/** The win rate by interval, with its 95 % bounds as whiskers. */
export function OverTimeBlock() {
  const { t } = useTexts()
  const [chosen, choose] = useAddressValue('every')
  const every = steps.find((step) => step === chosen) ?? 'month'
  const { query, file, period } = useWinRate({ every })
  const drill = useWinRateDrill(period)
  return (
    <Block
      title={t('winRate.overTime')}
      answer={query.data}
      file={file}
      picture
      drill={drill}
      tools={
        <Segmented
          size="small"
          aria-label={t('winRate.every')}
          value={every}
          options={steps.map((step) => ({ value: step, label: t(`winRate.${step}`) }))}
          onChange={(step) => choose(step === 'month' ? undefined : step)}
        />
      }
    >
      <div style={{ height: 260 }}>
        <AnswerState query={query} height={260}>
          {(answer) =>
            answer.rows.length ? (
              <Lines answer={answer} every={every} title={t('winRate.overTime')} drill={drill} />
            ) : (
              <QuietLine>{t('block.noData')}</QuietLine>
            )
          }
        </AnswerState>
      </div>
    </Block>
  )
}

type LinesProps = { answer: Answer; every: Every; title: string; drill: ReturnType<typeof useWinRateDrill> }

function Lines({ answer, every, title, drill }: LinesProps) {
  const { t, lang } = useTexts()
  const style = useChartStyle()
  const open = useDrill()
  const start = useMeta().organisation.fiscal_start_month
  const { asOf } = useAsOf()
  const { rows, parts } = useMemo(() => {
    const shown = drawn(answer.rows as Row[], every, start, asOf)
    return { rows: shown.map(({ row }) => row), parts: shown.map(({ part }) => part) }
  }, [answer, every, start, asOf])
  const clicked = ({ seriesId, dataIndex }: ChartClick) => {
    const row = rows[dataIndex]
    const column = answer.columns.find((one) => one.key === seriesId)
    const opens = row && column ? drill(row, column) : undefined
    if (row && opens) open({ ...opens, title: `${opens.title} · ${date(String(row.day), lang)}` })
  }
  const option = useMemo<EChartsCoreOption>(() => {
    const written = (value: unknown) => {
      const number = asNumber(value)
      return number === null ? undefinedMark : share(number, lang)
    }
    const line = (key: string, name: string, colour: string, width: number) => ({
      id: key,
      name,
      type: 'line' as const,
      // The name at its end would travel along the line, over points that are none.
      animation: rows.every((row) => asNumber(row[key]) !== null) ? undefined : false,
      symbol: 'circle',
      symbolSize: width > 2 ? 7 : 5,
      showAllSymbol: true,
      itemStyle: { color: colour },
      lineStyle: { color: colour, width, type: width > 2 ? ('solid' as const) : ('dashed' as const) },
      // A hollow point is of a part of an interval.
      data: rows.map((row, at) => ({
        value: asNumber(row[key]),
        itemStyle: parts[at] ? { color: style.palette.surface, borderColor: colour, borderWidth: 1.5 } : undefined,
      })),
      endLabel: {
        show: true,
        formatter: name,
        ...style.text,
        color: style.palette.text,
        lineHeight: 16,
        distance: 8,
      },
      labelLayout: { moveOverlap: 'shiftY' as const },
    })
    return {
      ...sharesOverTime(rows, lang === 'zh' ? 64 : 110, lang, style),
      tooltip: {
        ...style.tooltip,
        trigger: 'axis',
        formatter: (points: { dataIndex: number }[]) => {
          const at = points[0]?.dataIndex ?? 0
          const row = rows[at]
          if (!row) return ''
          const days = `${date(String(row.from_day), lang)} – ${date(String(row.day), lang)}`
          return tipTable(parts[at] ? withUnit(days, t(`winRate.part.${every}`), lang) : days, [
            [t('winRate.byCount'), written(row.win_rate)],
            ['95 %', `${written(row.win_rate_lower)} – ${written(row.win_rate_upper)}`],
            [t('winRate.byAmountOf'), written(row.win_rate_amount)],
            [t('winRate.withCancelled'), written(row.win_rate_with_cancelled)],
            [t('winRate.won'), count(asNumber(row.won) ?? 0, lang)],
            [t('winRate.lost'), count(asNumber(row.lost) ?? 0, lang)],
          ])
        },
      },
      series: [
        {
          id: 'bounds',
          type: 'custom',
          silent: true,
          // Where there is no rate there is nothing.
          data: rows.flatMap((row, at) => {
            const [lower, upper] = [asNumber(row.win_rate_lower), asNumber(row.win_rate_upper)]
            return lower === null || upper === null ? [] : [[at, lower, upper]]
          }),
          renderItem: (_: unknown, box: Place) => whisker(box, style.palette['line-strong']),
        },
        line('win_rate', t('winRate.byCount'), style.palette.accent, 3),
        line('win_rate_amount', t('winRate.byAmountOf'), colours.fresh, 1.5),
        line('win_rate_with_cancelled', t('winRate.withCancelled'), colours.cancelled, 1.5),
      ],
    }
  }, [rows, parts, every, lang, style, t])
  return (
    <div className={styles.lines}>
      {parts.includes(true) ? <p className={styles.key}>○ {t(`winRate.part.${every}`)}</p> : null}
      <Chart option={option} label={t('block.chart', { title })} onClick={clicked} />
    </div>
  )
}

type Place = { value: (at: number) => number; coord: (at: [number, number]) => [number, number] }

/** From the lower to the upper bound, with a foot at each end. */
function whisker(box: Place, colour: string) {
  const [x, lower] = box.coord([box.value(0), box.value(1)])
  const [, upper] = box.coord([box.value(0), box.value(2)])
  const stroke = (x1: number, y1: number, x2: number, y2: number) => ({
    type: 'line',
    shape: { x1, y1, x2, y2 },
    style: { stroke: colour, lineWidth: 1.5 },
  })
  return {
    type: 'group',
    children: [stroke(x, lower, x, upper), stroke(x - 4, lower, x + 4, lower), stroke(x - 4, upper, x + 4, upper)],
  }
}
