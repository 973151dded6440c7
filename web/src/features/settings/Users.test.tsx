import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { App } from 'antd'
import { afterEach, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { Users } from './Users'

/** A machine that does much else is slow, and not wrong. */
const patient = { timeout: 10_000 }
vi.setConfig({ testTimeout: 30_000 })

vi.mock('@/shared/url/use-instant', () => ({ useInstant: () => (text: string) => text }))
afterEach(() => vi.unstubAllGlobals())

type Sent = { name: string; key: string | null }

/** The users page with a server that answers each new user in turn: a link, none, or no answer at all. */
async function show(...answers: (string | null | 'lost')[]) {
  await i18n.changeLanguage('en')
  const sent: Sent[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const json = { 'Content-Type': 'application/json' }
    if (request.url.endsWith('/password-link'))
      return new Response('{"one_time_link":"/set-password#new"}', { headers: json })
    if (request.method !== 'POST') return new Response('[]', { headers: json })
    const { name } = (await request.json()) as { name: string }
    sent.push({ name, key: request.headers.get('Idempotency-Key') })
    const link = answers[sent.length - 1]
    if (link === 'lost') throw new TypeError('the connection broke off')
    return new Response(JSON.stringify({ id: sent.length, name, one_time_link: link }), { status: 201, headers: json })
  })
  render(
    <QueryClientProvider client={new QueryClient()}>
      <App>
        <Users />
      </App>
    </QueryClientProvider>,
  )
  return sent
}

async function add(name: string) {
  await userEvent.click(screen.getByRole('button', { name: 'Add a user' }))
  const dialog = await screen.findByRole('dialog', { name: 'Add a user' }, patient)
  await userEvent.type(within(dialog).getByLabelText('User name'), name)
  await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }))
}

it('shows the link of every user that is added, one after another', async () => {
  const sent = await show('/set-password#1', '/set-password#2')
  for (const [name, link] of [
    ['ada', '#1'],
    ['bob', '#2'],
  ] as const) {
    await add(name)
    const told = await screen.findByText(new RegExp(`Send this link to ${name}`), {}, patient)
    expect(told.closest('[role=status]')).toHaveTextContent(link)
    await userEvent.click(screen.getByRole('button', { name: 'Done' }))
    await vi.waitFor(() => expect(screen.queryByText(/Send this link/)).toBeNull(), patient)
  }
  expect(sent.map((one) => one.name)).toEqual(['ada', 'bob'])
})

it('says so where the link was told in an answer that was lost, and makes another one', async () => {
  const sent = await show('lost', null)
  await add('ada')
  const dialog = screen.getByRole('dialog', { name: 'Add a user' })
  await within(dialog).findByText(/cannot be reached/, {}, patient)
  await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }))
  await screen.findByText(/ada had been added already/, {}, patient)
  expect(sent[0]?.key).toBeTruthy()
  expect(sent[1]).toEqual(sent[0])
  await userEvent.click(screen.getByRole('button', { name: 'Make a link to set the password' }))
  expect(await screen.findByText(/set-password#new/, {}, patient)).toBeInTheDocument()
})
