import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { App } from 'antd'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Answer } from '../api/types'
import { DrillContext } from '../drill/drill'
import { i18n } from '../i18n/i18n'
import { AnswerTable } from './AnswerTable'
import { tsvOf } from './cells'

const column = (key: string, zh: string, en: string, unit: Answer['columns'][number]['unit'], bar = false) => ({
  key,
  label: { zh, en },
  unit,
  bar,
})

const answer: Answer = {
  title: { zh: '漏斗', en: 'Funnel' },
  terms: {},
  term_list: [],
  currency: 'CNY',
  decimals: 2,
  columns: [
    column('stage', '阶段', 'stage', 'text'),
    column('deals', '商机数', 'deals', 'count', true),
    column('amount_minor', '金额', 'amount', 'amount_minor', true),
    column('ratio', '快照比', 'snapshot ratio', 'share'),
  ],
  rows: [
    {
      stage: 'lead',
      stage_zh: '潜在客户',
      stage_en: 'Lead',
      deals: 53,
      amount_minor: 0,
      ratio: null,
      ratio_why: { zh: '第一阶段', en: 'the first stage' },
    },
    { stage: 'needs', stage_zh: '需求确认', stage_en: 'Needs', deals: 1068, amount_minor: 2_448_800_000, ratio: 1.283 },
    { stage: '=x', deals: 7, amount_minor: null, ratio: 0.5 },
  ],
  totals: { deals: 1128, amount_minor: 2_448_800_000 },
  notes: [],
}

function shown(props: Partial<Parameters<typeof AnswerTable>[0]> = {}, open = vi.fn()) {
  render(
    <App>
      <DrillContext value={open}>
        <AnswerTable answer={answer} label="Funnel" {...props} />
      </DrillContext>
    </App>,
  )
  return { open, rows: () => screen.getAllByRole('row') }
}

beforeEach(() => i18n.changeLanguage('en'))

describe('a table of an answer', () => {
  it('names one unit a column in its head, and aligns what is counted', () => {
    shown()
    expect(screen.getByRole('columnheader', { name: 'Amount (¥M)' })).toHaveAttribute('data-numeric')
    expect(screen.getByRole('columnheader', { name: 'Stage' })).not.toHaveAttribute('data-numeric')
  })

  it('changes unit and names with the language', async () => {
    await i18n.changeLanguage('zh')
    shown()
    expect(screen.getByRole('columnheader', { name: '金额（¥万）' })).toBeVisible()
    expect(screen.getByRole('rowheader', { name: '需求确认' })).toBeVisible()
    expect(screen.getByText('2,448.8', { selector: 'td[data-row]' })).toHaveAttribute('title', '¥24,488,000.00')
  })

  it('says why there is no number, and never writes zero instead', () => {
    const { rows } = shown()
    const cells = within(rows()[1] as HTMLElement).getAllByRole('cell')
    expect(cells.at(-1)).toHaveTextContent('–')
    expect(cells.at(-1)).toHaveAttribute('title', 'the first stage')
  })

  it('writes no amount where none of the deals has one', () => {
    const rows = [
      { stage: 'lead', deals: 61, amount_minor: 0, deals_without_amount: 61 },
      { stage: 'needs', deals: 2, amount_minor: 500, deals_without_amount: 1 },
    ]
    shown({ answer: { ...answer, rows, totals: null } })
    const amounts = screen.getAllByRole('row').map((row) => within(row).queryAllByRole('cell')[1])
    expect(amounts[1]).toHaveTextContent('–')
    expect(amounts[1]).toHaveAttribute('title', 'amount unknown')
    expect(amounts[2]).toHaveTextContent('5')
  })

  it('shows the sums that the server gave, and none of its own', () => {
    const { rows } = shown()
    const foot = within(rows().at(-1) as HTMLElement).getAllByRole('cell')
    expect(foot.map((cell) => cell.textContent)).toEqual(['Total', '1,128', '24.5', ''])
  })

  it('opens the deals of a number, by mouse and by keys', async () => {
    const drill = vi.fn((row, at) => (at.key === 'deals' ? { cell: `stock;stage=${row.stage}`, title: '' } : undefined))
    const { open } = shown({ drill })
    const buttons = screen.getAllByRole('button', { name: /^[\d,]+$/ })
    await userEvent.click(buttons[0] as HTMLElement)
    expect(open).toHaveBeenLastCalledWith({ cell: 'stock;stage=lead', title: '' })
    await userEvent.keyboard('{ArrowDown}{Enter}')
    expect(open).toHaveBeenLastCalledWith({ cell: 'stock;stage=needs', title: '' })
  })

  it('sorts by a column, what is undefined last, and back again', async () => {
    const { rows } = shown()
    const names = () =>
      rows()
        .slice(1, -1)
        .map((row) => within(row).getByRole('rowheader').textContent)
    const head = screen.getByRole('button', { name: /Amount/ })
    await userEvent.click(head)
    expect(names()).toEqual(['Needs', 'Lead', '=x'])
    await userEvent.click(head)
    expect(names()).toEqual(['Lead', 'Needs', '=x'])
    await userEvent.click(head)
    expect(names()).toEqual(['Lead', 'Needs', '=x'])
    expect(screen.getByRole('columnheader', { name: /Amount/ })).not.toHaveAttribute('aria-sort')
  })

  it('says so where there are no rows', () => {
    shown({ answer: { ...answer, rows: [] } })
    expect(screen.getByText('No rows match.')).toBeVisible()
  })
})

it('is copied in full precision, and no cell becomes a formula', () => {
  expect(tsvOf(answer, 'en').split('\n')).toEqual([
    'stage\tdeals\tamount (CNY)\tsnapshot ratio',
    'Lead\t53\t0.00\t',
    'Needs\t1068\t24488000.00\t1.283',
    "'=x\t7\t\t0.5",
  ])
})
