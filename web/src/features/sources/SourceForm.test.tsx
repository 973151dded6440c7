import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { fireEvent, render, screen, waitFor } from '@testing-library/react'
import { App } from 'antd'
import { beforeEach, expect, it, vi } from 'vitest'
import { api } from '@/shared/api/client'
import { i18n } from '@/shared/i18n/i18n'
import { SecretDialog } from './SecretDialog'
import { SourceForm } from './SourceForm'
import type { Source } from './api'

// Dialogs of forms take their time to be laid out here.
vi.setConfig({ testTimeout: 60_000 })

const may = vi.hoisted(() => ({ of: [] as string[] }))
vi.mock('@/shared/api/queries', () => ({ useMay: (what: string) => may.of.includes(what) }))

const reply = (data: unknown) => Promise.resolve({ data, response: new Response() }) as never

const shown = (inside: React.ReactNode) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <App>{inside}</App>
    </QueryClientProvider>,
  )

const source: Source = {
  id: 7,
  name: 'CRM',
  kind: 'sql',
  place: 'db/crm',
  definition: {
    sql: { engine: 'postgres', host: 'db', database: 'crm', user: 'reader', tls: 'verify', query: 'SELECT 1' },
  },
  takes_secret: true,
  has_secret: true,
  columns: [],
  skip_rejected: false,
  is_running: false,
  version: 3,
}

beforeEach(() => {
  vi.restoreAllMocks()
  void i18n.changeLanguage('en')
})

it('makes a folder of files without an administrator', async () => {
  may.of = ['import']
  const post = vi.spyOn(api, 'POST').mockReturnValue(reply({ id: 1 }))
  const saved = vi.fn()
  shown(<SourceForm source={null} onClose={() => undefined} onSaved={saved} />)
  fireEvent.change(screen.getByLabelText('Name'), { target: { value: 'Inbox' } })
  fireEvent.change(screen.getByLabelText('Which files'), { target: { value: '*.csv' } })
  fireEvent.click(screen.getByText('Save'))
  await waitFor(() => expect(saved).toHaveBeenCalledOnce())
  expect(post.mock.calls[0]?.[1]).toMatchObject({
    body: {
      name: 'Inbox',
      schedule: null,
      skip_rejected: false,
      definition: { files: { path: '.', names: '*.csv', together: false } },
    },
  })
})

it('shows the address and lets only an administrator change it', async () => {
  may.of = ['import']
  const patch = vi.spyOn(api, 'PATCH').mockReturnValue(reply(source))
  const saved = vi.fn()
  const { unmount } = shown(<SourceForm source={source} onClose={() => undefined} onSaved={saved} />)
  expect(screen.getByLabelText<HTMLInputElement>('Server').disabled).toBe(true)
  fireEvent.change(screen.getByLabelText('Query'), { target: { value: 'SELECT 2' } })
  fireEvent.click(screen.getByText('Save'))
  await waitFor(() => expect(saved).toHaveBeenCalledOnce())
  expect(patch.mock.calls[0]?.[1]).toMatchObject({
    params: { path: { id: 7 }, header: { 'If-Match': '"3"' } },
    body: { definition: { sql: { host: 'db', user: 'reader', query: 'SELECT 2' } } },
  })
  unmount()
  may.of = ['administer']
  shown(<SourceForm source={source} onClose={() => undefined} onSaved={saved} />)
  expect(screen.getByLabelText<HTMLInputElement>('Server').disabled).toBe(false)
})

it('sets a secret that it never shows', async () => {
  may.of = ['administer']
  const put = vi.spyOn(api, 'PUT').mockReturnValue(reply(undefined))
  const closed = vi.fn()
  shown(<SecretDialog source={source} onClose={closed} />)
  const field = screen.getByLabelText<HTMLInputElement>('Password or token')
  expect([field.value, field.type]).toEqual(['', 'password'])
  fireEvent.change(field, { target: { value: 's3cret' } })
  fireEvent.click(screen.getByText('Save'))
  await waitFor(() => expect(closed).toHaveBeenCalledOnce())
  expect(put.mock.calls[0]?.[1]).toMatchObject({ params: { path: { id: 7 } }, body: { secret: 's3cret' } })
})
