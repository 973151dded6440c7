import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { IssueGroups } from './IssueGroups'

vi.setConfig({ testTimeout: 30_000 })

const same = (text: string) => ({ zh: text, en: text })
const issue = (row: number, more: object = {}) => ({
  ...{ file: 'deals.csv', row, column: 'Amount', value: `v${row}`, rule: 'not-a-number', is_rejected: true },
  ...{ message: same('no number'), hint: same('write digits') },
  ...more,
})
const rule = (name: string, is_rejected: boolean, count: number) => ({ rule: name, is_rejected, count })
const late = (row: number) =>
  issue(row, { rule: 'after-export', is_rejected: false, column: 'Closed', message: same(`${row} is late`) })

function show(issues: object[], rules: object[], total = issues.length) {
  render(<IssueGroups issues={{ issues, rules, issues_total: total } as never} rejects="/rejects" />)
}

beforeEach(() => i18n.changeLanguage('en'))

it('a line is what is wrong in a column, with its rows behind it', async () => {
  const many = Array.from({ length: 12 }, (_, at) => late(at + 2))
  show([...many, issue(30, { file: 'more.csv' })], [rule('after-export', false, 12), rule('not-a-number', true, 1)])
  expect(screen.getAllByRole('heading').map((head) => head.textContent)).toEqual([
    'Issues',
    'These rows stay out',
    'Warnings: these rows come in',
  ])
  const lines = screen.getAllByRole('listitem').map((item) => item.querySelector('summary'))
  expect(lines.map((line) => line?.textContent)).toEqual([
    '▼ 1 Not a number · Column: Amount · more.csv',
    '● 12 Later than the day of the export · Column: Closed · deals.csv',
  ])
  const rows = within(screen.getAllByRole('listitem')[1] as HTMLElement)
  await userEvent.click(lines[1] as HTMLElement)
  expect(rows.getByText('write digits')).toBeVisible()
  expect(rows.getAllByRole('row')).toHaveLength(6)
  expect(rows.getByRole('cell', { name: '2 is late' })).toBeVisible()
  await userEvent.click(rows.getByRole('button', { name: '7 more rows' }))
  expect(rows.getAllByRole('row')).toHaveLength(13)
  expect(screen.getByRole('link', { name: 'Download the rejected rows' })).toHaveAttribute('href', '/rejects')
})

it('a few are open at once, and what they all say is said once', () => {
  show([issue(2), issue(3)], [rule('not-a-number', true, 2)])
  expect(screen.getAllByText('No number')).toHaveLength(1)
  expect(screen.getByRole('cell', { name: 'v3' })).toBeVisible()
})

it('what is not listed is counted, and only what stays out can be taken away', () => {
  show([late(2)], [rule('after-export', false, 40)], 40)
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    '● 39 Later than the day of the export · further ones, not listed',
    expect.stringMatching(/^● ≥ 1 Later than the day of the export · Column: Closedwrite/),
  ])
  expect(screen.getByText('The first 1 of 40 can be listed; those beyond are counted.')).toBeVisible()
  expect(screen.queryByRole('link')).toBeNull()
})

it('nothing wrong is said so', () => {
  show([], [])
  expect(screen.getByText('✓ Nothing is wrong.')).toBeVisible()
})
