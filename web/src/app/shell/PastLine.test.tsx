import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import { beforeEach, expect, it, vi } from 'vitest'
import { metaQuery } from '@/shared/api/queries'
import { i18n } from '@/shared/i18n/i18n'
import type { Search } from '@/shared/url/search'
import { PastLine } from './PastLine'

const at = vi.hoisted(() => ({ pathname: '/', search: {} as Search }))
vi.mock('@tanstack/react-router', async (original) => ({
  ...(await original<object>()),
  useSearch: () => at.search,
  useLocation: ({ select }: { select: (location: { pathname: string }) => string }) => select(at),
  useNavigate: () => vi.fn(),
}))

function show(pathname: string, search: Search) {
  Object.assign(at, { pathname, search })
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
  client.setQueryData(metaQuery.queryKey, { today: '2026-11-24', processes: [] } as never)
  render(
    <QueryClientProvider client={client}>
      <PastLine />
    </QueryClientProvider>,
  )
}

beforeEach(() => i18n.changeLanguage('en'))

it.each(['/', '/deals', '/deals/3', '/data/quality'])('says at %s that the past cannot be changed', (path) => {
  show(path, { as_of: '2026-11-10' })
  expect(screen.getByRole('status')).toHaveTextContent('The past can be read, not changed.')
})

it.each(['/imports', '/data/sources', '/data/model', '/data/duplicates', '/settings'])(
  'says nothing at %s, which is the same whatever the day',
  (path) => {
    show(path, { as_of: '2026-11-10' })
    expect(screen.queryByRole('status')).toBeNull()
  },
)

it('says nothing of today', () => {
  show('/deals', {})
  expect(screen.queryByRole('status')).toBeNull()
})
