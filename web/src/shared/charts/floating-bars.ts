import type { EChartsCoreOption } from 'echarts/core'
import { type ChartStyle, tipTable } from './use-chart-style'

/** A column that floats between two positions, with what it says of itself. */
export type FloatingBar = {
  key: string
  name: string
  from: number
  to: number
  colour: string
  /** Written at its end. */
  label: string
  tip: readonly (readonly [string, string])[]
}

type Layout = {
  /** Columns stand on the x axis; rows lie beside the y axis, for many or long names and where there is no width. */
  lying?: boolean
  axisLabel: (position: number) => string
}

/** Columns built up one on another, each joined to the next by a thin line. */
export function floatingBars(
  bars: readonly FloatingBar[],
  style: ChartStyle,
  { lying = false, axisLabel }: Layout,
): EChartsCoreOption {
  const names = {
    ...style.categoryAxis,
    data: bars.map((bar) => bar.name),
    inverse: lying,
    triggerEvent: true,
    axisLabel: lying
      ? { ...style.text, fontSize: 11, interval: 0, hideOverlap: false, width: 118, overflow: 'truncate' as const }
      : { ...style.text, interval: 0, lineHeight: 13, ...fitted(bars.length) },
  }
  const values = {
    ...style.valueAxis,
    scale: lying,
    axisLabel: { ...style.text, formatter: axisLabel, hideOverlap: true },
    splitNumber: lying ? 3 : 4,
  }
  return {
    grid: lying
      ? { left: 4, right: 64, top: 4, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' }
      : { left: 4, right: 8, top: 24, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: lying ? values : names,
    yAxis: lying ? names : values,
    tooltip: {
      ...style.tooltip,
      trigger: 'axis',
      axisPointer: { type: 'shadow', shadowStyle: { color: 'rgba(128,140,160,0.10)' } },
      formatter: (points: { dataIndex: number }[]) => {
        const bar = bars[points[0]?.dataIndex ?? 0]
        return bar ? tipTable(bar.name, bar.tip) : ''
      },
    },
    series: [
      {
        id: 'base',
        type: 'bar',
        stack: 'floating',
        silent: true,
        itemStyle: { color: 'transparent' },
        data: bars.map((bar) => Math.min(bar.from, bar.to)),
        tooltip: { show: false },
      },
      {
        id: 'bars',
        type: 'bar',
        stack: 'floating',
        barMaxWidth: lying ? 16 : 56,
        barCategoryGap: lying ? '28%' : '24%',
        cursor: 'pointer',
        data: bars.map((bar) => ({
          value: Math.abs(bar.to - bar.from),
          name: bar.name,
          itemStyle: { color: bar.colour, borderRadius: 2, ...(bar.from === bar.to ? {} : style.edge) },
        })),
        label: {
          show: true,
          position: lying ? 'right' : 'top',
          ...style.strong,
          formatter: ({ dataIndex }: { dataIndex: number }) => bars[dataIndex]?.label ?? '',
        },
      },
    ],
  }
}

/** Names under columns, broken into lines where they are wide. */
function fitted(columns: number) {
  const many = columns > 6
  return { fontSize: many ? 11 : 12, width: many ? 62 : 76, overflow: 'break' as const }
}
