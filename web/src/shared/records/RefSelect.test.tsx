import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { fireEvent, render, screen } from '@testing-library/react'
import { beforeEach, expect, it, type MockInstance, vi } from 'vitest'
import { api } from '../api/client'
import { i18n } from '../i18n/i18n'
import { RefSelect } from './RefSelect'

let get: MockInstance

function show(kind: string, customer: number | null, onChange = vi.fn()) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <RefSelect kind={kind} customer={customer} label="One" value={null} onChange={onChange} />
    </QueryClientProvider>,
  )
  return onChange
}

beforeEach(async () => {
  await i18n.changeLanguage('en')
  get = vi.spyOn(api, 'GET').mockResolvedValue({
    data: [{ id: 7, name: 'Li', note: 'buyer' }],
    response: { ok: true, status: 200, headers: new Headers() },
  } as never)
})

it('offers the contacts of the customer, and hands over the chosen one', async () => {
  const chosen = show('contact', 3)
  fireEvent.mouseDown(screen.getByLabelText('One'))
  fireEvent.click(await screen.findByTitle('Li · buyer'))
  expect(chosen).toHaveBeenCalledWith({ id: 7, name: 'Li' })
  const asked = get.mock.calls[0]?.[1] as unknown as { params: { query: unknown } }
  expect(asked.params.query).toEqual({ kind: 'contact', q: '', customer: 3 })
})

it('says that a contact needs its customer first, and asks nothing', async () => {
  show('contact', null)
  fireEvent.mouseDown(screen.getByLabelText('One'))
  expect(await screen.findByText('Choose the customer first')).toBeTruthy()
  expect(get).not.toHaveBeenCalled()
})
