import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it, vi } from 'vitest'
import { metaQuery, sessionQuery } from '../api/queries'
import { i18n } from '../i18n/i18n'
import type { Search } from '../url/search'
import { WithDeals } from './Page'

const address = vi.hoisted(() => ({ search: {} as Search, changed: vi.fn() }))
vi.mock('@tanstack/react-router', () => ({
  Link: 'a',
  useSearch: () => address.search,
  useNavigate:
    () =>
    ({ search }: { search: (before: Search) => Search }) =>
      address.changed(search(address.search)),
}))

const old = { key: 'old', deals: 9, first_day: '2018-01-02', last_day: '2021-11-10' }

function shown(search: Search, matching = 0) {
  address.search = search
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
  client.setQueryData(metaQuery.queryKey, { today: '2026-11-24', deals: 9, processes: [old] } as never)
  client.setQueryData(sessionQuery.queryKey, { may: [] } as never)
  client.setQueryData(['opportunities', 'any', search], { sums: { deals: matching } })
  render(
    <QueryClientProvider client={client}>
      <WithDeals>the analysis</WithDeals>
    </QueryClientProvider>,
  )
}

beforeEach(async () => {
  address.changed.mockReset()
  await i18n.changeLanguage('en')
})

it('leads to the last day of a process of which nothing was told for long', async () => {
  shown({ process: 'old' })
  expect(screen.getByRole('status')).toHaveTextContent('end on 10 Nov 2021')
  await userEvent.click(screen.getByRole('button', { name: 'Look at that day' }))
  expect(address.changed).toHaveBeenCalledWith({ process: 'old', as_of: '2021-11-10' })
})

it('says nothing of the kind on that day', () => {
  shown({ process: 'old', as_of: '2021-11-10' })
  expect(screen.queryByRole('status')).toBeNull()
  expect(screen.getByText('the analysis')).toBeVisible()
})

it('offers to clear filters that no deal matches, and only those', async () => {
  shown({ process: 'old', as_of: '2021-11-10', f: ['region:Nowhere'] })
  // Its trend and its cohorts may tell of days on which deals were so.
  expect(screen.getByText('the analysis')).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'Clear all filters' }))
  expect(address.changed).toHaveBeenCalledWith({ process: 'old', as_of: '2021-11-10', f: undefined, where: undefined })
})

it('shows the analysis where the filters leave something', () => {
  shown({ process: 'old', as_of: '2021-11-10', f: ['region:East'] }, 3)
  expect(screen.getByText('the analysis')).toBeVisible()
})

it('says that there is no data before the first day, in the place of charts of nothing', async () => {
  shown({ process: 'old', as_of: '1900-01-01' })
  expect(screen.queryByText('the analysis')).toBeNull()
  expect(screen.getByRole('heading', { name: 'There is no data on 1 Jan 1900' })).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'Look at that day' }))
  expect(address.changed).toHaveBeenCalledWith({ process: 'old', as_of: '2018-01-02' })
})
