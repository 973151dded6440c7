import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { fireEvent, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { App } from 'antd'
import { afterEach, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { MendField } from './MendField'

const patient = { timeout: 10_000 }
vi.setConfig({ testTimeout: 30_000 })
afterEach(() => vi.unstubAllGlobals())

const field = (more = {}) => ({
  id: 7,
  name: 'expected_close_on',
  label: { zh: '预计成交日期', en: 'Expected close' },
  type: 'day',
  choices: [],
  value: '2026-11-01',
  editable: true,
  erased: false,
  ...more,
})

type Sent = { method: string; version: string | null; body: unknown }

async function show(fields: unknown[]) {
  await i18n.changeLanguage('en')
  const sent: Sent[] = []
  const closed = vi.fn()
  vi.stubGlobal('fetch', async (request: Request) => {
    const body = request.method === 'GET' ? null : await request.json()
    sent.push({ method: request.method, version: request.headers.get('If-Match'), body })
    const page = { id: 5, version: 12, currency: 'CNY', decimals: 2, fields }
    return new Response(JSON.stringify(page), { headers: { 'Content-Type': 'application/json' } })
  })
  render(
    <App>
      <QueryClientProvider client={new QueryClient()}>
        <MendField of="deal" id={5} field="expected_close_on" onClose={closed} />
      </QueryClientProvider>
    </App>,
  )
  return { sent, closed }
}

it('writes the field on the version that was read, and closes', async () => {
  const { sent, closed } = await show([field()])
  const input = await screen.findByLabelText('Expected close', {}, patient)
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled()
  fireEvent.change(input, { target: { value: '2027-01-31' } })
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await waitFor(() => expect(closed).toHaveBeenCalled(), patient)
  // What shows it is read anew afterwards.
  expect(sent.slice(0, 2).map((one) => one.method)).toEqual(['GET', 'PATCH'])
  expect(sent[1]).toEqual({ method: 'PATCH', version: '"12"', body: { expected_close_on: '2027-01-31' } })
})

it('says where a field cannot be changed here', async () => {
  await show([field({ editable: false })])
  expect(await screen.findByText(/cannot be changed here/, {}, patient)).toBeInTheDocument()
  expect(screen.queryByRole('button', { name: 'Save' })).toBeNull()
})
