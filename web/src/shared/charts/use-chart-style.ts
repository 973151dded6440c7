import { useMemo } from 'react'
import { type Palette, palettes } from '../theme/palette'
import { fontNames, useTheme } from '../theme/theme'

/** The parts that all charts share: quiet axes, our fonts, one kind of tooltip. */
export function useChartStyle() {
  const { theme } = useTheme()
  // Another language has other ones.
  const fonts = fontNames()
  return useMemo(() => chartStyle(palettes[theme], theme === 'dark', fonts), [theme, fonts])
}

export type ChartStyle = ReturnType<typeof chartStyle>

function chartStyle(palette: Palette, dark: boolean, fontFamily: string) {
  const text = { color: palette['text-soft'], fontFamily, fontSize: 12 }
  return {
    palette,
    text,
    strong: { ...text, color: palette.text },
    /** Bars on a dark ground get a hair of light around them, so that the darkest stays visible. */
    edge: dark ? { borderColor: 'rgba(255,255,255,0.28)', borderWidth: 1 } : {},
    categoryAxis: {
      type: 'category' as const,
      axisLine: { lineStyle: { color: palette['line-strong'] } },
      axisTick: { show: false },
      axisLabel: { ...text, hideOverlap: true },
    },
    valueAxis: {
      type: 'value' as const,
      axisLabel: text,
      splitLine: { lineStyle: { color: palette.line } },
      splitNumber: 4,
    },
    tooltip: {
      backgroundColor: palette.raised,
      borderColor: palette['line-strong'],
      borderWidth: 1,
      padding: [8, 12],
      confine: true,
      transitionDuration: 0,
      textStyle: { ...text, color: palette.text },
      extraCssText: `box-shadow: 0 4px 16px ${palette.shadow}; font-variant-numeric: tabular-nums;`,
    },
  }
}

/** A tooltip as a small table of name and value. Texts come from data, so they are escaped. */
export function tipTable(title: string, lines: readonly (readonly [string, string])[]): string {
  const rows = lines
    .map(
      ([name, value]) =>
        `<tr><td style="padding-right:16px">${escaped(name)}</td><td style="text-align:right">${escaped(value)}</td></tr>`,
    )
    .join('')
  return `<strong>${escaped(title)}</strong><table style="margin-top:4px;border-spacing:0">${rows}</table>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
