import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { App } from 'antd'
import { useSyncExternalStore } from 'react'
import { beforeEach, expect, it, vi } from 'vitest'
import { metaQuery } from '@/shared/api/queries'
import { i18n } from '@/shared/i18n/i18n'
import type { Search } from '@/shared/url/search'
import type { Mapping, Suggested, Upload } from './api'
import * as server from './api'
import { Page } from './ImportsPage'
import { keepWork, nothingSaid } from './kept'
import type { Item } from './steps/step'

/** A machine that does much else is slow, and not wrong. */
const patient = { timeout: 10_000 }
vi.setConfig({ testTimeout: 30_000 })

/** An address that changes a moment after it was asked to, as the router's does. */
const address = vi.hoisted(() => ({
  search: {} as Search,
  listeners: new Set<() => void>(),
  listen: (listener: () => void) => {
    address.listeners.add(listener)
    return () => address.listeners.delete(listener)
  },
  go: async ({ search }: { search: (before: Search) => Search }) => {
    await new Promise((resolve) => setTimeout(resolve))
    address.search = search(address.search)
    for (const listener of address.listeners) listener()
  },
}))
vi.mock('@tanstack/react-router', () => ({
  useSearch: () => useSyncExternalStore(address.listen, () => address.search),
  useNavigate: () => address.go,
  useBlocker: () => ({ status: 'idle' }),
  Link: ({ to, search, children }: { to: string; search: Search; children: string }) => (
    <a href={`${to}?${new URLSearchParams(search as Record<string, string>)}`}>{children}</a>
  ),
}))
vi.mock('./api', async (original) => ({
  ...(await original<typeof server>()),
  listImports: vi.fn(async () => []),
  listProfiles: vi.fn(async () => []),
  readImport: vi.fn(),
  readUpload: vi.fn(),
  suggest: vi.fn(),
  cleaned: vi.fn(),
  dropUpload: vi.fn(async () => undefined),
}))

const column = { name: 'Title', sample: ['Pump'], filled: 1 }
const upload = { id: 7, files: [{ name: 'deals.csv', bytes: 5, rows_seen: 1, columns: [column] }] } as unknown as Upload
const mapping = {
  name: 'crm',
  table: { file: 'deals.csv' },
  key: [],
  fields: {},
  process: 'own',
  dates: [],
  zone: 'UTC',
  currency: 'EUR',
  exported_on: '2026-11-24',
  stages: {},
  outcomes: {},
} as unknown as Mapping
const suggested = {
  mapping,
  file: { columns: [column], sheets: [] },
  tables: [{ file: { name: 'deals.csv', rows_seen: 1, columns: [column], sheets: [] }, kinds: [] }],
  kinds: [],
  sources: [],
  suggestions: [],
  profile_matches: [],
  saved_matches: [],
  notes: [],
  process_why: { zh: '', en: '' },
} as unknown as Suggested

beforeEach(async () => {
  await i18n.changeLanguage('en')
  address.search = { upload: '7' }
  vi.mocked(server.listImports).mockResolvedValue([])
  vi.mocked(server.listProfiles).mockResolvedValue([])
  vi.mocked(server.readUpload).mockReset().mockResolvedValue(upload)
  vi.mocked(server.suggest).mockResolvedValue(suggested)
  vi.mocked(server.dropUpload)
    .mockReset()
    .mockResolvedValue(undefined as never)
})

function show() {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
  client.setQueryData(metaQuery.queryKey, { deals: 5, processes: [], organisation: { zone: 'UTC' } } as never)
  return render(
    <QueryClientProvider client={client}>
      <App>
        <Page />
      </App>
    </QueryClientProvider>,
  )
}

const currency = () => screen.findByRole('textbox', { name: 'Currency' }, patient)

it('takes a mapping up where it was when the page was loaded anew, with what was changed', async () => {
  keepWork(7, { ...nothingSaid, place: 'mapping' })
  const first = show()
  expect(await currency()).toHaveValue('EUR')
  await userEvent.clear(await currency())
  await userEvent.type(await currency(), 'usd')
  first.unmount()

  show()
  expect(await currency()).toHaveValue('USD')
  expect(server.readUpload).toHaveBeenCalledTimes(2)
})

it('an upload that is thrown away is not asked for again', async () => {
  keepWork(7, { ...nothingSaid, place: 'mapping', recipe: { mapping } })
  show()
  await currency()
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }))
  expect(await screen.findByRole('button', { name: 'Import data' }, patient)).toBeVisible()
  expect(server.dropUpload).toHaveBeenCalledExactlyOnceWith(7)
  expect(server.readUpload).toHaveBeenCalledOnce()
  expect(address.search.upload).toBeUndefined()
  expect(Object.keys(localStorage)).not.toContain('loudou.import.7')
})

it('goes on to the mapping with the steps that are on, which a reload has kept', async () => {
  const table = { columns: ['Title'], rows: [['Pump']], row_count: 1 }
  const answer = { tables: [table, table], failed: [], issues: [], looked_at: 1000, text: '' }
  vi.mocked(server.cleaned).mockResolvedValue(answer)
  const items: Item[] = [
    { id: 'a', step: { do: 'trim', name: 'Tidy up' } },
    { id: 'b', off: true, step: { do: 'drop', columns: ['Title'] } },
  ]
  const cleaning = { main: 'deals.csv', tables: { 'deals.csv': { file: 'deals.csv', items } } }
  keepWork(7, { ...nothingSaid, place: 'clean', cleaning })
  show()
  await screen.findByRole('button', { name: 'Step 1: Tidy up' }, patient)
  expect(screen.getByRole('button', { name: 'Step 2: Drop columns Title' })).toHaveTextContent('switched off')
  await screen.findByRole('columnheader', { name: /Title/ }, patient)
  const steps = [{ do: 'trim', name: 'Tidy up' }]
  expect(vi.mocked(server.cleaned).mock.calls[0]?.slice(0, 2)).toEqual([
    7,
    { table: { file: 'deals.csv', steps }, tables: {} },
  ])
  document.documentElement.scrollTop = 900
  await userEvent.click(screen.getByRole('button', { name: 'Next' }))
  expect(document.documentElement.scrollTop, 'a step begins at its top').toBe(0)
  await currency()
  expect(server.suggest).toHaveBeenLastCalledWith(7, { file: 'deals.csv', steps, tables: {} })
})

it('offers to bring files in as those of before that had the same columns', async () => {
  const match = {
    import: 3,
    profile: 'crm',
    files: ['oct.csv', 'people.csv'],
    at: '2026-10-31T08:00:00Z',
    missing: ['people.csv'],
  }
  vi.mocked(server.suggest).mockImplementation(async (_, ask) =>
    ask.saved ? suggested : { ...suggested, saved_matches: [match] },
  )
  show()
  await screen.findByRole('heading', { name: 'These files look like import 3' }, patient)
  expect(screen.getByText(/^crm, .*oct\.csv, people\.csv\./)).toBeVisible()
  expect(screen.getByText(/^No file here is like people\.csv of then/)).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'Adjust' }))
  await currency()
  expect(server.suggest).toHaveBeenCalledWith(7, { saved: 3 })
})

const row = {
  ...{ id: 12, profile: 'crm', source: 'crm', files: ['oct.csv'], at: '2026-10-31T08:00:00Z', actor: 'Ada' },
  ...{ state: 'done', blocked_by: [], counts: { opportunities: 3 } },
}

it('leads from what was imported to the page of each, which has an address of its own', async () => {
  address.search = {}
  vi.mocked(server.listImports).mockResolvedValue([row])
  vi.mocked(server.readImport).mockResolvedValue({ ...row, report: null, has_profile: false, has_rejects: false })
  const first = show()
  expect(await screen.findByRole('link', { name: 'oct.csv' }, patient)).toHaveAttribute('href', '/imports?import=12')
  first.unmount()

  address.search = { import: '12' }
  show()
  expect(await screen.findByRole('heading', { name: 'Import 12' }, patient)).toBeVisible()
  expect(server.readImport).toHaveBeenCalledExactlyOnceWith(12)
})
