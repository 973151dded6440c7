import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it, vi } from 'vitest'
import { metaQuery } from '@/shared/api/queries'
import { i18n } from '@/shared/i18n/i18n'
import type { Search } from '@/shared/url/search'
import { AddressNotices } from './AddressNotices'
import type { WrongProcess } from './use-default-process'

const address = vi.hoisted(() => ({ search: {} as Search, changed: vi.fn() }))
vi.mock('@tanstack/react-router', () => ({
  useSearch: () => address.search,
  useNavigate:
    () =>
    ({ search }: { search: (before: Search) => Search }) =>
      address.changed(search(address.search)),
}))

function show(search: Search, wrong: WrongProcess | null = null) {
  address.search = search
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
  const processes = [{ key: 'own', name: { zh: '自己的', en: 'Our own' } }]
  client.setQueryData(metaQuery.queryKey, { processes } as never)
  const onDismiss = vi.fn()
  render(
    <QueryClientProvider client={client}>
      <AddressNotices wrong={wrong} onDismiss={onDismiss} />
    </QueryClientProvider>,
  )
  return onDismiss
}

beforeEach(async () => {
  address.changed.mockReset()
  await i18n.changeLanguage('en')
})

it('tells a day that is none, and takes it out of the address', async () => {
  show({ process: 'own', as_of: '2026-13-45' })
  expect(screen.getByRole('status')).toHaveTextContent('“2026-13-45” is no day; today is shown.')
  await userEvent.click(screen.getByRole('button', { name: 'Close' }))
  expect(address.changed).toHaveBeenCalledWith({ process: 'own', as_of: undefined })
})

it('tells a process that does not exist, until it is dismissed', async () => {
  const onDismiss = show({ process: 'own' }, { named: 'xyz', shown: 'own' })
  expect(screen.getByRole('status')).toHaveTextContent('There is no sales process “xyz”; Our own is shown.')
  await userEvent.click(screen.getByRole('button', { name: 'Close' }))
  expect(onDismiss).toHaveBeenCalledOnce()
})

it('says nothing of an address that is right', () => {
  show({ process: 'other', as_of: '2026-11-23' }, { named: 'xyz', shown: 'own' })
  expect(screen.queryByRole('status')).toBeNull()
})
