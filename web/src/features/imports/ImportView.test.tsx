import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { App } from 'antd'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { metaQuery } from '@/shared/api/queries'
import { i18n } from '@/shared/i18n/i18n'
import type { ImportPage, Job } from './api'
import * as server from './api'
import { ImportView } from './ImportView'

/** A machine that does much else is slow, and not wrong. */
const patient = { timeout: 10_000 }
vi.setConfig({ testTimeout: 30_000 })

vi.mock('@tanstack/react-router', () => ({
  useSearch: () => ({ scope: 'team' }),
  useNavigate: () => vi.fn(),
  Link: ({ to, search, children }: { to: string; search: object; children: string }) => (
    <a href={`${to}?${new URLSearchParams(search as Record<string, string>)}`}>{children}</a>
  ),
}))
vi.mock('./api', async (original) => ({
  ...(await original<typeof server>()),
  readImport: vi.fn(),
  undoImport: vi.fn(),
}))
const watched = vi.hoisted(() => ({ job: null as Job | null }))
vi.mock('./use-job', async (original) => ({
  ...(await original<object>()),
  useJob: (id: number | null) => ({ job: id === null ? null : watched.job, lost: false, gone: false }),
}))

const page: ImportPage = {
  ...{ id: 12, profile: 'crm', source: 'crm', files: ['oct.csv', 'log.csv'], at: '2026-10-31T08:00:00Z', actor: 'Ada' },
  ...{ state: 'done', blocked_by: [], counts: { opportunities: 3, entries: 40, rows_read: 9 } },
  ...{ has_profile: true, has_rejects: true },
  report: {
    ...{
      opportunities: 3,
      outcomes: { open: 3 },
      rows_read: 9,
      rows_rejected: 2,
      warnings: 5,
      records: { accounts: 2 },
    },
    issues: [
      { rule: 'after-export', severity: 'warn', count: 5 },
      { rule: 'not-a-number', severity: 'reject', count: 2 },
    ],
  },
}

async function show(more: Partial<ImportPage> = {}) {
  vi.mocked(server.readImport).mockResolvedValue({ ...page, ...more })
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
  client.setQueryData(metaQuery.queryKey, { organisation: { zone: 'UTC' }, today: '2026-11-24' } as never)
  const onChanged = vi.fn()
  render(
    <QueryClientProvider client={client}>
      <App>
        <ImportView id={12} onChanged={onChanged} />
      </App>
    </QueryClientProvider>,
  )
  await screen.findByRole('heading', { name: 'Import 12' }, patient)
  return onChanged
}

beforeEach(() => i18n.changeLanguage('en'))
afterEach(() => vi.clearAllMocks())

it('tells where an import came from, what it did and what was wrong', async () => {
  await show()
  const facts = [...document.querySelectorAll('dl > div')].map((fact) => fact.textContent)
  expect(facts).toEqual([
    'When31 Oct 2026, 08:00',
    'ByAda',
    'Sourcecrm',
    'Profilecrm',
    'Statein use',
    'Filesoct.csvlog.csv',
  ])
  expect(screen.getByRole('region', { name: 'What this import did' })).toHaveTextContent(
    'Open 3Customers: 29 rows read',
  )
  const issues = screen.getByRole('region', { name: 'Issues' })
  expect(issues).toHaveTextContent(/▼ 2 Not a number.*● 5 Later than the day of the export/)
  expect(screen.getByRole('link', { name: 'Imports so far' })).toHaveAttribute('href', '/imports?scope=team')
})

it('lets the profile and the rows that stayed out be taken away', async () => {
  await show()
  expect(screen.getByRole('link', { name: /^Download the profile/ })).toHaveAttribute(
    'href',
    '/api/v1/imports/12/profile',
  )
  expect(screen.getByText('loudou import run ./import-12.toml FOLDER')).toBeVisible()
  expect(screen.getByRole('link', { name: 'Download the rejected rows' })).toHaveAttribute(
    'href',
    '/api/v1/imports/12/rejects',
  )
})

it('offers nothing that is not kept', async () => {
  await show({ has_profile: false, has_rejects: false, report: null })
  expect(screen.queryByRole('region', { name: 'To take away' })).toBeNull()
  expect(screen.queryByRole('region', { name: 'Issues' })).toBeNull()
  const did = screen.getByRole('region', { name: 'What this import did' })
  expect(did).toHaveTextContent('9 rows readThe report of this import is not kept on this server.')
})

it('is taken back after it was asked', async () => {
  vi.mocked(server.undoImport).mockResolvedValue({ job: 5 })
  watched.job = { id: 5, state: 'done', result: { entries: 40 } } as never
  const onChanged = await show()
  await userEvent.click(screen.getByRole('button', { name: 'Undo' }))
  // The dialog is shown by a motion, which does not run here.
  await screen.findByText(/^The 40 entries that it wrote are withdrawn/, {}, patient)
  const buttons = screen.getAllByRole('button', { name: 'Undo', hidden: true })
  await userEvent.click(buttons[buttons.length - 1] as HTMLElement)
  expect(await screen.findByText('Undone: 40 entries withdrawn.', {}, patient)).toBeVisible()
  expect(vi.mocked(server.undoImport).mock.calls[0]?.[0]).toBe(12)
  expect(onChanged).toHaveBeenCalled()
})

it('says what stands in the way of taking it back', async () => {
  await show({ blocked_by: [14, 13] })
  expect(screen.getByRole('button', { name: 'Undo' })).toBeDisabled()
  expect(screen.getByText('Undo the later imports first: 14, 13')).toBeVisible()
})

it('is not taken back twice', async () => {
  await show({ state: 'undone' })
  expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull()
  expect(screen.getByText('undone')).toBeVisible()
})
