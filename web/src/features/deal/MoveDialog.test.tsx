import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { App } from 'antd'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { sessionQuery } from '@/shared/api/queries'
import type { DealPage } from '@/shared/api/records'
import { i18n } from '@/shared/i18n/i18n'
import { MoveDialog } from './MoveDialog'
import type { Move } from './missing'

/** A machine that does much else is slow, and not wrong. */
const patient = { timeout: 10_000 }
vi.setConfig({ testTimeout: 30_000 })

const both = (en: string) => ({ zh: en, en })
const stage = (key: string, current = false) => ({ key, kind: 'open', name: both(key), current, days: 0, visits: 0 })
const deal = {
  id: 7,
  version: 1,
  outcome: 'open',
  stage: { key: 'needs' },
  path: [stage('needs', true), stage('offer'), { ...stage('won'), kind: 'won' }],
  fields: [{ name: 'pain', label: both('Pain'), type: 'text', value: null, editable: true }],
  missing: [
    { kind: 'field', key: 'pain', name: both('Pain') },
    { kind: 'action', key: 'survey', name: both('Survey') },
    { kind: 'condition', key: 'pain != ""', name: both('The pain is known'), fields: ['pain'] },
  ],
  reasons: [
    { code: 'lost.price', name: both('Too dear'), moves: ['lose'], needs: null },
    { code: 'skip.known', name: both('Known before'), moves: ['skip'], needs: null },
  ],
} as unknown as DealPage

const refusal = {
  code: 'gate',
  status: 409,
  detail: 'the deal cannot leave Needs yet',
  errors: [{ message: 'the deal cannot leave Needs yet' }, { message: 'the field “Pain” is missing' }],
}

beforeEach(() => i18n.changeLanguage('en'))
afterEach(() => vi.unstubAllGlobals())

function show(move: Move, page = deal) {
  const sent: unknown[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    sent.push(await request.json())
    const headers = { 'Content-Type': 'application/problem+json' }
    return new Response(JSON.stringify(refusal), { status: 409, headers })
  })
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
  client.setQueryData(sessionQuery.queryKey, { user: { roles: ['rep'] } } as never)
  const calls = { reread: async () => page, onDone: vi.fn(), onClose: vi.fn() }
  render(
    <QueryClientProvider client={client}>
      <App>
        <MoveDialog page={page} move={move} {...calls} />
      </App>
    </QueryClientProvider>,
  )
  return { sent, dialog: within(screen.getByRole('dialog')) }
}

it('asks for the reason of a loss before anything is sent', async () => {
  const { sent, dialog } = show({ to: 'lost', where: 'lost' })
  expect(dialog.getByRole('combobox', { name: 'Reason' })).toBeRequired()
  await userEvent.click(dialog.getByRole('button', { name: 'Lose' }))
  expect(await dialog.findByRole('alert')).toHaveTextContent('Choose a reason')
  expect(sent).toEqual([])
})

it('asks why stages are skipped where a deal is won before its last one', async () => {
  const { dialog } = show({ to: 'won', where: 'won' })
  expect(dialog.getByRole('combobox', { name: 'Reason' })).toBeRequired()
})

it('marks what a gate lacks at its fields, and tells the refusal in one line', async () => {
  const { sent, dialog } = show({ to: 'offer', where: 'forward' })
  await userEvent.click(dialog.getByRole('button', { name: 'Advance to offer' }))
  expect(await dialog.findByText(/fill in what is marked/, {}, patient)).toBeVisible()
  expect(dialog.getAllByText('Needed')).toHaveLength(2)
  expect(dialog.queryByText(/cannot leave Needs|is missing/)).toBeNull()
  await userEvent.type(dialog.getByRole('textbox', { name: 'Pain' }), 'Late deliveries')
  expect(dialog.getAllByText('Needed')).toHaveLength(1)
  await userEvent.click(dialog.getByRole('checkbox', { name: 'Survey' }))
  expect(dialog.queryByText(/Needed|It was not moved/), 'nothing more is lacking').toBeNull()
  await userEvent.click(dialog.getByRole('button', { name: 'Advance to offer' }))
  expect(await dialog.findByText(/what stands beside ▲ does not hold/, {}, patient)).toBeVisible()
  expect(sent).toHaveLength(2)
})

it('tells what the server refused where nothing is lacking and nothing stands beside ▲', async () => {
  const { sent, dialog } = show({ to: 'offer', where: 'forward' }, { ...deal, missing: deal.missing?.slice(0, 1) })
  const pain = dialog.getByRole('textbox', { name: 'Pain' })
  const advance = () => userEvent.click(dialog.getByRole('button', { name: 'Advance to offer' }))
  await userEvent.type(pain, ' ')
  await advance()
  expect(await dialog.findByText('Needed', {}, patient), 'a blank is nothing').toBeVisible()
  await userEvent.type(pain, 'Late deliveries')
  await advance()
  expect(await dialog.findByText('the field “Pain” is missing', {}, patient)).toBeVisible()
  expect(dialog.queryByText(/▲/)).toBeNull()
  expect(sent).toHaveLength(2)
})
