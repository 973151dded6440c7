import { render } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import type { Analyser } from '@/shared/api/types'
import { i18n } from '@/shared/i18n/i18n'
import { ThemeProvider } from '@/shared/theme/theme'
import { BridgeChart } from './BridgeChart'
import { movementUnit } from './chart-scale'

type Option = { xAxis: { axisLabel: { formatter: (value: number) => string } }; series: { data: unknown[] }[] }
const drawn = vi.hoisted(() => ({ option: null as unknown }))
vi.mock('@/shared/charts/Chart', () => ({
  Chart: ({ option }: { option: unknown }) => {
    drawn.option = option
    return null
  },
}))
vi.mock('@/shared/drill/drill', async (original) => ({
  ...(await original<object>()),
  useDrill: () => () => undefined,
}))

it('has its axis in the unit of its title, though the running totals are larger than any line', async () => {
  await i18n.changeLanguage('en')
  const line = (name: string, sign: string, amount: number) => ({ line: name, sign, deals: 1, amount_minor: amount })
  const rows = [
    line('begin', '=', 60_000_000),
    line('new', '+', 70_000_000),
    line('won', '−', 75_000_000),
    line('end', '=', 55_000_000),
  ]
  const bridge = { currency: 'CNY', decimals: 2, rows } as unknown as Analyser['bridge']
  const data = { bridge, week: { from: '2026-11-17', to: '2026-11-24' } } as unknown as Analyser
  render(
    <ThemeProvider>
      <BridgeChart data={data} measure="amount" title="Bridge" />
    </ThemeProvider>,
  )
  expect(movementUnit(data, 'bridge', 'amount', 'en')).toBe('¥K')
  expect((drawn.option as Option).xAxis.axisLabel.formatter(120_000_000)).toBe('1,200')
})
