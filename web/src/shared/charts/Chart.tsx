import type { EChartsCoreOption, EChartsType } from 'echarts/core'
import { useEffect, useRef, useState } from 'react'
import { useLang } from '../i18n/i18n'
import { useTheme } from '../theme/theme'
import { Skeleton } from '../ui/Skeleton'
import { useReducedMotion } from '../ui/use-media'
import { usePlaying } from '../url/playing'
import styles from './Chart.module.css'

export type ChartClick = {
  /** The text of an axis that was clicked. */
  value?: unknown
  seriesId?: string
  seriesName?: string
  name: string
  dataIndex: number
  data: unknown
}

type Props = {
  option: EChartsCoreOption
  /** What the chart shows, for those who do not see it; its table twin holds the numbers. */
  label: string
  onClick?: (click: ChartClick) => void
}

/** An ECharts drawing that fills its place, follows theme, language and size, and can be clicked. */
export function Chart({ option, label, onClick }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType | null>(null)
  const clicked = useRef(onClick)
  const [ready, setReady] = useState(false)
  const { theme } = useTheme()
  const lang = useLang()
  const reduced = useReducedMotion()
  const playing = usePlaying()
  const still = reduced || playing
  useEffect(() => {
    clicked.current = onClick
  }, [onClick])

  useEffect(() => {
    let gone = false
    let watch: ResizeObserver | undefined
    void import('./echarts').then(({ init }) => {
      const element = place.current
      if (gone || !element) return
      const made = init(element, null, { renderer: 'svg' })
      chart.current = made
      made.on('click', (event) => clicked.current?.(event as unknown as ChartClick))
      watch = new ResizeObserver(() => made.resize())
      watch.observe(element)
      setReady(true)
    })
    return () => {
      gone = true
      watch?.disconnect()
      chart.current?.dispose()
      chart.current = null
    }
  }, [])

  // Theme and language are drawn through the option's colours and texts
  useEffect(() => {
    if (!ready) return
    chart.current?.setOption(
      { animation: !still, animationDuration: 180, animationDurationUpdate: 180, ...option },
      { notMerge: true },
    )
  }, [ready, option, theme, lang, still])

  return (
    <div className={styles.chart} role="img" aria-label={label} data-clickable={onClick ? '' : undefined}>
      {ready ? null : <Skeleton height="100%" />}
      <div ref={place} className={styles.place} aria-hidden="true" />
    </div>
  )
}
