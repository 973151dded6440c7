import type { EChartsCoreOption } from 'echarts/core'
import { useMemo } from 'react'
import type { Analyser, Column, Row } from '@/shared/api/types'
import { Chart, type ChartClick } from '@/shared/charts/Chart'
import { tipTable, useChartStyle } from '@/shared/charts/use-chart-style'
import { cellOf, type Drill, useDrill } from '@/shared/drill/drill'
import { date, dateTick } from '@/shared/format/dates'
import { asNumber, count, share, undefinedMark } from '@/shared/format/format'
import { type Lang, useTexts } from '@/shared/i18n/i18n'
import { stageColours, stateColour } from '@/shared/theme/palette'
import { Block } from '@/shared/ui/Block'
import { QuietLine } from '@/shared/ui/Notice'
import { useHasSteps } from '@/shared/url/use-question'
import { useStateName } from './names'
import { stagesOf, stockByDay } from './stock-by-day'
import styles from './TrendBlock.module.css'
import type { Measure } from './use-analyser'

const dayStep = 5

/** Each stage's share of amount (or its deals) at the ends of the last weeks, with the alarm marked. */
export function TrendBlock({ data, measure }: { data: Analyser; measure: Measure }) {
  const { t, lang } = useTexts()
  const hasSteps = useHasSteps()
  const open = useDrill()
  const band = measure === 'amount' ? bandOf(data) : undefined
  const { option, days } = useTrend(data, measure, band)
  const key = measure === 'amount' ? 'amount_share' : 'deals'
  const isBlank = (data.trend.rows as Row[]).every((row) => !asNumber(row[key]))
  const nameOf = useStateName(data.stages)
  const alarm = data.share_alarm
  const title = t(measure === 'amount' ? 'analyser.trend' : 'analyser.trendDeals', { n: days.length })
  const drillOf = (stage: string, day: string): Drill => ({
    cell: cellOf('stock', { stage }),
    title: `${nameOf(stage)} · ${date(day, lang)}`,
    extra: { as_of: day },
  })
  const clicked = ({ seriesId, dataIndex }: ChartClick) => {
    const day = days[dataIndex]
    if (day && seriesId) open(drillOf(seriesId, day))
  }
  const drill = (row: Row, column: Column): Drill | undefined =>
    ['deals', 'amount_minor', 'amount_share', 'deals_without_amount'].includes(column.key)
      ? drillOf(String(row.stage), String(row.day))
      : undefined
  return (
    <Block
      title={title}
      answer={data.trend}
      help={t(measure === 'amount' ? 'analyser.trendHelp' : 'analyser.trendDealsHelp')}
      file={{ path: 'trend', extra: { every: 'week', points: '26' } }}
      picture
      drill={drill}
    >
      {hasSteps && isBlank ? (
        <QuietLine>{t('block.noData')}</QuietLine>
      ) : hasSteps ? (
        <div className={styles.both}>
          {alarm ? (
            <p className={styles.alarm}>
              ▼{' '}
              {t('analyser.alarm', {
                stage: nameOf(alarm.stage),
                n: alarm.weeks.length,
                threshold: share(alarm.threshold, lang),
              })}
            </p>
          ) : null}
          {band ? (
            <p className={styles.band}>
              <span aria-hidden="true">▒</span>{' '}
              {t('analyser.yearBefore', { stage: nameOf(band.stage), range: range(band, lang) })}
            </p>
          ) : null}
          <div className={styles.chart}>
            <Chart option={option} label={t('block.chart', { title })} onClick={clicked} />
          </div>
        </div>
      ) : (
        <QuietLine>{t('empty.noSteps')}</QuietLine>
      )}
    </Block>
  )
}

type Band = Analyser['year_before'][number]

/** The band that is drawn: of the stage that rings, else of the first that holds an amount now. */
function bandOf(data: Analyser): Band | undefined {
  const holds = (stage: string) =>
    (data.stock.rows as Row[]).some((row) => row.stage === stage && Number(row.amount_minor) > 0)
  const stage = data.share_alarm?.stage ?? data.stages.find(({ key }) => holds(key))?.key
  return data.year_before.find((band) => band.stage === stage)
}

function range({ low, high }: Band, lang: Lang): string {
  return `${share(low, lang)} – ${share(high, lang)}`
}

function useTrend(
  data: Analyser,
  measure: Measure,
  band: Band | undefined,
): { option: EChartsCoreOption; days: string[] } {
  const { t, lang } = useTexts()
  const style = useChartStyle()
  const nameOf = useStateName(data.stages)
  return useMemo(() => {
    const key = measure === 'amount' ? 'amount_share' : 'deals'
    const { days, at } = stockByDay(data.trend.rows as Row[])
    const colours = stageColours(data.stages)
    const stages = stagesOf(data.trend.rows as Row[], data.stages)
    const colourOf = (stage: string) => colours.get(stage) ?? stateColour(stage) ?? style.palette['text-faint']
    const written = (value: number | null) =>
      value === null ? undefinedMark : measure === 'amount' ? share(value, lang) : count(value, lang)
    // Where a stage is known at one day alone there is no line to be drawn.
    const isLine = (stage: string) => days.filter((day) => at(day, stage) !== undefined).length > 1
    const series = stages.map(({ key: stage, row }) => ({
      id: stage,
      name: nameOf(stage, row, 'stage'),
      type: 'line' as const,
      // The name at its end would travel along the line, over points that are none.
      animation: days.every((day) => asNumber(at(day, stage)?.[key]) !== null) ? undefined : false,
      symbol: 'circle',
      symbolSize: 7,
      showAllSymbol: true,
      itemStyle: { color: colourOf(stage), opacity: isLine(stage) ? 0 : 1 },
      emphasis: { focus: 'series' as const, itemStyle: { opacity: 1 } },
      lineStyle: { color: colourOf(stage), width: 2 },
      data: days.map((day) => asNumber(at(day, stage)?.[key])),
      endLabel: { show: true, formatter: nameOf(stage, row, 'stage'), ...style.text, lineHeight: 16, distance: 6 },
      labelLayout: { moveOverlap: 'shiftY' as const },
      ...(band?.stage === stage
        ? {
            markArea: {
              silent: true,
              itemStyle: { color: colourOf(stage), opacity: 0.14 },
              data: [[{ yAxis: band.low }, { yAxis: band.high }]],
            },
          }
        : {}),
      ...(measure === 'amount' ? alarmMarks(data, stage, days, style.palette['bad-text']) : {}),
    }))
    const option: EChartsCoreOption = {
      grid: {
        left: 4,
        right: lang === 'zh' ? 64 : 126,
        top: 12,
        bottom: 4,
        outerBoundsMode: 'same',
        outerBoundsContain: 'axisLabel',
      },
      xAxis: {
        ...style.categoryAxis,
        data: days,
        boundaryGap: false,
        // Days beneath the names of the lines are left out.
        axisLabel: {
          ...style.text,
          hideOverlap: true,
          interval: (index: number) => index % dayStep === 0 && index < days.length - 2,
          formatter: (day: string) => dateTick(day, lang),
        },
      },
      yAxis: {
        ...style.valueAxis,
        axisLabel: {
          ...style.text,
          formatter: (value: number) => (measure === 'amount' ? share(value, lang, 0) : count(value, lang)),
        },
      },
      tooltip: {
        ...style.tooltip,
        trigger: 'axis',
        formatter: (points: { seriesId: string; seriesName: string; value: number | null; dataIndex: number }[]) => {
          const day = days[points[0]?.dataIndex ?? 0] ?? ''
          const before = (stage: string) => {
            const found = measure === 'amount' ? data.year_before.find((one) => one.stage === stage) : undefined
            return found ? t('analyser.yearBeforeShort', { range: range(found, lang) }) : ''
          }
          return tipTable(
            date(day, lang),
            points.map((point) => [point.seriesName, `${written(asNumber(point.value))}${before(point.seriesId)}`]),
          )
        },
      },
      series,
    }
    return { option, days }
  }, [data, measure, band, lang, style, nameOf, t])
}

/** Marks at the weeks in which a stage's share was above its threshold. */
function alarmMarks(data: Analyser, stage: string, days: string[], colour: string) {
  const alarm = data.share_alarm
  if (!alarm || alarm.stage !== stage) return {}
  return {
    markPoint: {
      symbol: 'triangle',
      symbolRotate: 180,
      symbolSize: 9,
      symbolOffset: [0, -10],
      silent: true,
      label: { show: false },
      itemStyle: { color: colour, opacity: 1 },
      data: alarm.weeks
        .filter((week) => days.includes(week))
        .map((week) => {
          const row = (data.trend.rows as Row[]).find((one) => one.day === week && one.stage === stage)
          return { coord: [week, asNumber(row?.amount_share) ?? 0] }
        }),
    },
  }
}
