import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { fireEvent, render, screen, waitFor } from '@testing-library/react'
import { App } from 'antd'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { ClusterCard } from './ClusterCard'
import { cluster } from './testing'

vi.mock('@tanstack/react-router', () => ({ Link: ({ children }: { children: ReactNode }) => <a>{children}</a> }))
vi.mock('@/shared/url/use-view', () => ({ useView: () => ({}) }))
vi.mock('@/shared/url/use-instant', () => ({ useInstant: () => (text: string) => text.slice(0, 10) }))
vi.mock('@/shared/records/use-value-names', () => ({
  useValueNames: () => ({ say: (name: { en: string }) => name.en, role: (key: string) => key }),
}))

const sent: { path: string; body: unknown }[] = []

beforeEach(async () => {
  await i18n.changeLanguage('en')
  sent.length = 0
  vi.stubGlobal('fetch', async (request: Request) => {
    sent.push({ path: new URL(request.url).pathname, body: JSON.parse(await request.text()) })
    const made = request.url.endsWith('/merges')
    return made
      ? new Response('{"survivor":1,"merges":[7,8]}', { status: 201, headers: { 'Content-Type': 'application/json' } })
      : new Response(null, { status: 204 })
  })
})
afterEach(() => vi.unstubAllGlobals())

function show() {
  const onChanged = vi.fn()
  const onMerged = vi.fn()
  render(
    <QueryClientProvider client={new QueryClient()}>
      <App>
        <ClusterCard kind="customers" cluster={cluster} onChanged={onChanged} onMerged={onMerged} />
      </App>
    </QueryClientProvider>,
  )
  return { onChanged, onMerged }
}

it('tells why, and merges into the record chosen with the values chosen', async () => {
  const { onMerged } = show()
  expect(screen.getByText(/^Score 91.%$/)).toBeTruthy()
  // The surest pair of the record that stays.
  expect(screen.getByText(/^name 94.% · website$/)).toBeTruthy()
  fireEvent.click(screen.getByLabelText('Keep Acme Inc.'))
  fireEvent.click(screen.getByLabelText('Grade: take the value of Acme #2'))
  expect(screen.getByText('phone')).toBeTruthy()
  fireEvent.click(screen.getByText('Merge 3'))
  await waitFor(() => expect(onMerged).toHaveBeenCalledWith('Acme Inc.', [7, 8]))
  expect(sent).toEqual([
    {
      path: '/api/v1/merges',
      body: {
        kind: 'customers',
        survivor: { id: 1, version: 10 },
        records: [
          { id: 2, version: 20 },
          { id: 3, version: 30 },
        ],
        strategy: 'survivor',
        fields: { grade: 2 },
      },
    },
  ])
})

it('leaves records out, and remembers that they are not the same', async () => {
  const { onChanged } = show()
  // Of the record that stays itself it is not asked.
  fireEvent.click(screen.getByLabelText('Leave Acme out'))
  expect(screen.getByText('Merge 2')).toBeTruthy()
  fireEvent.click(screen.getByText('Not the same'))
  await waitFor(() => expect(onChanged).toHaveBeenCalled())
  expect(sent).toEqual([{ path: '/api/v1/duplicates/apart', body: { kind: 'customers', records: [1, 2, 3] } }])
})
