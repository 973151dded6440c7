import type { Row } from '@/shared/api/types'
import type { Lang } from '../i18n/i18n'
import { share } from '../format/format'
import type { ChartStyle } from './use-chart-style'

/** Place and axes of shares drawn over days; `right` is the room for the names at the ends of the lines. */
export function sharesOverTime(rows: readonly Row[], right: number, lang: Lang, style: ChartStyle) {
  return {
    grid: {
      left: 4,
      right,
      top: 12,
      bottom: 4,
      outerBoundsMode: 'same' as const,
      outerBoundsContain: 'axisLabel' as const,
    },
    xAxis: {
      ...style.categoryAxis,
      data: rows.map((row) => String(row.day)),
      axisLabel: { ...style.text, hideOverlap: true, formatter: (day: string) => day.slice(0, 7) },
    },
    yAxis: {
      ...style.valueAxis,
      min: 0,
      axisLabel: { ...style.text, formatter: (value: number) => share(value, lang, 0) },
    },
  }
}
