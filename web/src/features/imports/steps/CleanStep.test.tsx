import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import type { CleaningAsk, Upload } from '../api'
import * as server from '../api'
import { type Cleaning } from './cleaning'
import { CleanStep } from './CleanStep'
import type { Item, Step } from './step'

const patient = { timeout: 10_000 }
vi.setConfig({ testTimeout: 30_000 })
vi.mock('../api', async (original) => ({ ...(await original<typeof server>()), cleaned: vi.fn() }))

const upload = { id: 7, files: [{ name: 'deals.csv', sheets: [] }] } as unknown as Upload

/** A server that knows to trim and to drop columns that are there. */
async function answer(_: number, { table }: CleaningAsk): Promise<server.Cleaned> {
  let now = { columns: ['Title', 'Note'], rows: [[' Pump', 'x']] as (string | null)[][], row_count: 1 }
  const told: server.Cleaned = { tables: [now], failed: [], issues: [], looked_at: 1000, text: '' }
  for (const [at, step] of ((table.steps ?? []) as unknown as Step[]).entries()) {
    const columns = 'columns' in step && Array.isArray(step.columns) ? step.columns : now.columns
    const gone = columns.find((name) => !now.columns.includes(name))
    if (gone) {
      const detail = `step ${at + 1} (${step.do}): there is no column ${gone}`
      told.failed.push({ step: at + 1, problem: { detail, code: 'input', status: 422 } as never })
      told.tables.push(now)
      continue
    }
    const stays = now.columns.filter((name) => step.do !== 'drop' || !columns.includes(name))
    const rows = now.rows.map((row) => stays.map((name) => row[now.columns.indexOf(name)]?.trim() ?? null))
    now = { ...now, columns: stays, rows }
    told.tables.push(now)
  }
  return told
}

beforeEach(async () => {
  await i18n.changeLanguage('en')
  vi.mocked(server.cleaned).mockReset().mockImplementation(answer)
})

function show(steps: Step[]) {
  const items: Item[] = steps.map((step, at) => ({ id: `s${at}`, step }))
  const onNext = vi.fn()
  function Host() {
    const [cleaning, setCleaning] = useState<Cleaning>({
      main: 'deals.csv',
      tables: { 'deals.csv': { file: 'deals.csv', items } },
    })
    return (
      <CleanStep
        upload={upload}
        cleaning={cleaning}
        main="deals.csv"
        onCleaning={setCleaning}
        onBack={vi.fn()}
        onNext={onNext}
      />
    )
  }
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Host />
    </QueryClientProvider>,
  )
  return { onNext }
}

const listed = () =>
  screen.getAllByRole('button', { name: /^Step \d/ }).map((button) => button.getAttribute('aria-label'))
const preview = () => screen.getByRole('region', { name: 'Preview' })

it('refuses an order that breaks a later step, with the reason, and takes one that does not', async () => {
  show([
    { do: 'trim', columns: ['Note'] },
    { do: 'trim', columns: ['Title'] },
    { do: 'drop', columns: ['Note'] },
  ])
  const stood = ['Step 1: Trim spaces in Note', 'Step 2: Trim spaces in Title', 'Step 3: Drop columns Note']
  await within(preview()).findByText('Note', { selector: 'del' }, patient)
  expect(listed()).toEqual(stood)

  await userEvent.click(screen.getByRole('button', { name: /^Move up · Step 3/ }))
  await vi.waitFor(() => expect(listed()[1]).toBe('Step 2: Drop columns Note'), patient)
  const second = await screen.findByRole('button', { name: 'Step 2: Drop columns Note' })
  second.focus()
  await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}')
  const told = await screen.findByText(
    /^The order stays: step 2 would fail there\. there is no column Note$/,
    {},
    patient,
  )
  expect(told).toHaveAttribute('role', 'alert')
  expect(listed()).toEqual(['Step 1: Trim spaces in Note', 'Step 2: Drop columns Note', 'Step 3: Trim spaces in Title'])
})

it('shows a step that does not fit in place, with what comes before it, and does not go on', async () => {
  const { onNext } = show([
    { do: 'drop', columns: ['Note'] },
    { do: 'trim', columns: ['Note'] },
  ])
  expect(await screen.findAllByText('there is no column Note', {}, patient)).toHaveLength(2)
  expect(within(preview()).getByRole('cell', { name: 'Pump' })).toBeVisible()
  expect(screen.getByRole('button', { name: 'Next' })).toBeDisabled()
  await userEvent.click(screen.getByRole('button', { name: /^Switch off for now · Step 2/ }))
  await vi.waitFor(() => expect(screen.getByRole('button', { name: 'Next' })).toBeEnabled(), patient)
  await userEvent.click(screen.getByRole('button', { name: 'Next' }))
  expect(onNext).toHaveBeenCalledOnce()
})

it('does to a column what is asked for at its head, and marks what that changed', async () => {
  show([])
  expect(screen.getByText(/^Put the table in order first/)).toBeVisible()
  await userEvent.click(await screen.findByRole('button', { name: 'Do something to Title' }, patient))
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Trim spaces' }, patient))
  expect(await screen.findByRole('button', { name: 'Step 1: Trim spaces in Title' })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  expect(await within(preview()).findByTitle('was Pump', {}, patient)).toHaveTextContent('Pump')
  expect(within(preview()).getByRole('columnheader', { name: /changed/ })).toHaveTextContent('Title')
})

it('asks for what a step still lacks before it goes on', async () => {
  show([{ do: 'drop', columns: [] }])
  await screen.findByText('Fill in step 1, or switch it off, to go on.', {}, patient)
  expect(screen.getByRole('button', { name: 'Step 1: Drop columns' })).toHaveTextContent(
    'Still to be filled in: Columns',
  )
  expect(screen.getByRole('button', { name: 'Next' })).toBeDisabled()
})
