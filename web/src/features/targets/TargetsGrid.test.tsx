import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import type { Target } from '@/shared/api/records'
import { i18n } from '@/shared/i18n/i18n'
import { layOut, periodsOf } from './periods'
import { TargetsGrid } from './TargetsGrid'

/** A machine that does much else is slow, and not wrong. */
const patient = { timeout: 10_000 }
vi.setConfig({ testTimeout: 30_000 })

afterEach(() => vi.unstubAllGlobals())

const periods = periodsOf(2026, 1, 'quarters')
const east = { id: 7, name: 'East' }
const target = (id: number, quarter: number, more: Partial<Target>) =>
  ({ id, version: 3, region: east, from_on: periods[quarter]?.from, to_on: periods[quarter]?.to, ...more }) as Target

type Sent = { method: string; path: string; key: string | null; body: unknown }

async function show(targets: Target[], status: number) {
  await i18n.changeLanguage('en')
  const sent: Sent[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname } = new URL(request.url)
    const key = request.headers.get('Idempotency-Key')
    sent.push({ method: request.method, path: pathname, key, body: await request.json() })
    return new Response('{}', { status, headers: { 'Content-Type': 'application/json' } })
  })
  const { rows } = layOut(targets, 'region', periods, 'own')
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TargetsGrid
        rows={rows}
        periods={periods}
        by="region"
        head="Region"
        process="own"
        money={{ currency: 'USD', decimals: 2 }}
        editable
      />
    </QueryClientProvider>,
  )
  return sent
}

it('is in the currency of the process, and a target in another one is shown and written in its own', async () => {
  const sent = await show(
    [
      target(1, 0, { amount_minor: 250_000, currency: 'USD', decimals: 2 }),
      target(2, 1, { amount_minor: 5000, currency: 'JPY', decimals: 0 }),
    ],
    200,
  )
  expect(screen.getByRole('columnheader', { name: 'Region ($K)' })).toBeInTheDocument()
  const yen = screen.getByRole('button', { name: 'East, Q2: ¥5,000' })
  expect(yen).toHaveTextContent('¥5.00')
  expect(screen.getByText(/^1 of these targets is in another currency than the deals \(USD\)/)).toBeInTheDocument()
  await userEvent.click(yen)
  expect(screen.getByRole('textbox')).toHaveValue('5000')
  await userEvent.clear(screen.getByRole('textbox'))
  await userEvent.type(screen.getByRole('textbox'), '6000{Enter}')
  await vi.waitFor(() => expect(sent).toHaveLength(1), patient)
  expect(sent[0]).toMatchObject({ method: 'PATCH', path: '/api/v1/targets/2', body: { amount_minor: 6000 } })
})

it('sends a new target again under the key of its cell', async () => {
  const sent = await show([target(1, 0, { amount_minor: 250_000, currency: 'USD', decimals: 2 })], 503)
  await userEvent.click(screen.getByRole('button', { name: 'East, Q3: None' }))
  await userEvent.type(screen.getByRole('textbox'), '12.5{Enter}')
  await vi.waitFor(() => expect(screen.getByRole('textbox')).toHaveAttribute('aria-invalid', 'true'), patient)
  await userEvent.type(screen.getByRole('textbox'), '{Enter}')
  await vi.waitFor(() => expect(sent).toHaveLength(2), patient)
  expect(sent[0]?.body).toMatchObject({ amount_minor: 1_250_000, currency: 'USD', process: 'own', region: 7 })
  expect(sent[0]?.key).toBeTruthy()
  expect(sent[1]).toEqual(sent[0])
})

it('tells below the grid what is wrong with figures, and takes full-width ones', async () => {
  const sent = await show([target(1, 0, { amount_minor: 250_000, currency: 'USD', decimals: 2 })], 200)
  await userEvent.click(screen.getByRole('button', { name: 'East, Q3: None' }))
  const cell = screen.getByRole('textbox')
  await userEvent.type(cell, '-5{Enter}')
  expect(screen.getByRole('alert')).toHaveTextContent('An amount cannot be negative')
  await userEvent.clear(cell)
  await userEvent.type(cell, '99999999999999{Enter}')
  expect(screen.getByRole('alert')).toHaveTextContent('Too large: at most 10,000,000,000.')
  expect(sent).toEqual([])
  await userEvent.clear(cell)
  await userEvent.type(cell, '１．２００５{Enter}')
  await vi.waitFor(() => expect(sent).toHaveLength(1), patient)
  expect(sent[0]?.body).toMatchObject({ amount_minor: 120_050 })
})

it('counts figures without a unit in that of the head, and shows those of a cell in it', async () => {
  const sent = await show([target(1, 0, { amount_minor: 250_075, currency: 'USD', decimals: 2 })], 200)
  await userEvent.click(screen.getByRole('button', { name: 'East, Q1: $2,500.75' }))
  expect(screen.getByRole('textbox')).toHaveValue('2.50075')
  await userEvent.clear(screen.getByRole('textbox'))
  await userEvent.type(screen.getByRole('textbox'), '4.2{Enter}')
  await vi.waitFor(() => expect(sent).toHaveLength(1), patient)
  expect(sent[0]?.body).toEqual({ amount_minor: 420_000 })
})

it('asks about an amount that is far from its neighbours, and keeps it at a second Enter', async () => {
  const sent = await show([target(1, 0, { amount_minor: 250_000, currency: 'USD', decimals: 2 })], 200)
  await userEvent.click(screen.getByRole('button', { name: 'East, Q3: None' }))
  await userEvent.type(screen.getByRole('textbox'), '2500{Enter}')
  expect(screen.getByRole('alert')).toHaveTextContent('That is 1,000 times the neighbours: Enter again to keep it.')
  await userEvent.click(document.body)
  expect(sent, 'leaving the cell is no answer').toEqual([])
  await userEvent.click(screen.getByRole('textbox'))
  await userEvent.keyboard('{Enter}')
  await vi.waitFor(() => expect(sent).toHaveLength(1), patient)
  expect(sent[0]?.body).toMatchObject({ amount_minor: 250_000_000 })
})
