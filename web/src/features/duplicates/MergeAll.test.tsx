import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { configure, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { App } from 'antd'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { Batches } from './Batches'
import { Found } from './Found'
import { MergeAll } from './MergeAll'

vi.mock('@tanstack/react-router', () => ({ Link: ({ children }: { children: ReactNode }) => <a>{children}</a> }))
vi.mock('@/shared/url/use-view', () => ({ useView: () => ({}) }))
vi.mock('@/shared/url/use-instant', () => ({ useInstant: () => (text: string) => text.slice(0, 10) }))

vi.setConfig({ testTimeout: 30_000 })
configure({ asyncUtilTimeout: 10_000 })

const running = {
  state: 'running',
  step: { zh: '逐对比较', en: 'comparing pairs' },
  done: 50,
  total: 200,
  seconds_left: 9,
}

/** Streams of jobs that a test sends events through. */
const streams = new Map<string, (job: object) => void>()
class Events {
  onmessage: ((event: { data: string }) => void) | null = null
  constructor(url: string) {
    streams.set(url, (job) => this.onmessage?.({ data: JSON.stringify(job) }))
  }
  addEventListener() {}
  close() {}
}

const sent: { call: string; body: unknown }[] = []
let answers: Record<string, unknown> = {}

beforeEach(async () => {
  await i18n.changeLanguage('en')
  sent.length = 0
  streams.clear()
  vi.stubGlobal('EventSource', Events)
  vi.stubGlobal('fetch', async (request: Request) => {
    const call = `${request.method} ${new URL(request.url).pathname}`
    const text = await request.text()
    sent.push({ call, body: text ? JSON.parse(text) : null })
    return new Response(JSON.stringify(answers[call] ?? {}), { headers: { 'Content-Type': 'application/json' } })
  })
})
afterEach(() => vi.unstubAllGlobals())

function show(what: ReactNode) {
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <App>{what}</App>
    </QueryClientProvider>,
  )
}

async function tell(id: number, job: object) {
  const url = `/api/v1/jobs/${id}/events`
  await waitFor(() => expect(streams.has(url)).toBe(true))
  streams.get(url)?.({ id, ...job })
}

it('merges what a dry run told, once it is confirmed', async () => {
  answers = { 'POST /api/v1/merges/all': { job: 5 } }
  const onMerged = vi.fn()
  show(<MergeAll kind="customers" score={0.9} onMerged={onMerged} />)
  fireEvent.click(screen.getByRole('button', { name: 'Merge all…' }))
  const button = () => screen.getByRole('button', { name: /^Merge [\d,]+ records$/ })
  expect(button()).toHaveProperty('disabled', true)
  await tell(5, { state: 'done', result: { found: 'f00d', clusters: 3, merged: 4, left: 90, batch: null } })
  await screen.findByText(/^3 groups score 90.*4 records go, 90 stay/)
  expect(sent[0]?.body).toEqual({ kind: 'customers', min_score: 0.9, dry_run: true, found: null })
  answers = { 'POST /api/v1/merges/all': { job: 6 } }
  fireEvent.click(button())
  await tell(6, running)
  await screen.findByText(/Merging · comparing pairs/)
  expect(sent[1]?.body).toMatchObject({ strategy: 'survivor', dry_run: false, found: 'f00d' })
  expect(onMerged).not.toHaveBeenCalled()
  await tell(6, { state: 'done', result: { found: 'f00d', clusters: 3, merged: 4, left: 90, batch: 77 } })
  await waitFor(() => expect(onMerged).toHaveBeenCalledWith(expect.objectContaining({ batch: 77, merged: 4 })))
})

it('tells why nothing was merged', async () => {
  answers = { 'POST /api/v1/merges/all': { job: 8 } }
  show(<MergeAll kind="deals" score={0.8} onMerged={vi.fn()} />)
  fireEvent.click(screen.getByRole('button', { name: 'Merge all…' }))
  const problem = { status: 409, code: 'conflict', title: 'Conflict', detail: 'the data has changed' }
  await tell(8, { state: 'failed', problem })
  await screen.findByText(/the data has changed/)
})

it('shows where a long look is, stops it, and looks again', async () => {
  const found = { kind: 'customers', min_score: 0.8, compared: 9, clusters: 0, superfluous: 0, rows: [] }
  answers = { 'POST /api/v1/duplicates/look': { job: 9 }, 'GET /api/v1/duplicates': found }
  show(<Found kind="customers" score={0.8} lower={null} onScore={vi.fn()} onChanged={vi.fn()} />)
  await tell(9, running)
  await screen.findByText('50 / 200 · about 9 s left')
  fireEvent.click(screen.getByRole('button', { name: /^Cancel/ }))
  await waitFor(() => expect(sent.map(({ call }) => call)).toContain('POST /api/v1/jobs/9/cancel'))
  await tell(9, { state: 'cancelled' })
  await screen.findByText('Stopped; nothing was changed.')
  expect(sent.map(({ call }) => call)).not.toContain('GET /api/v1/duplicates')
  answers = { 'POST /api/v1/duplicates/look': { job: null }, 'GET /api/v1/duplicates': found }
  fireEvent.click(screen.getByRole('button', { name: 'Look again' }))
  await screen.findByText(/9 compared: no duplicates/)
})

it('takes a batch back after a question, and says what stands against it', async () => {
  const batch = { id: 77, kind: 'customers', at: '2026-11-02T01:00:00Z', actor: 'ann', merges: 4, undone: 1 }
  answers = { 'GET /api/v1/merges/batches': [batch], 'POST /api/v1/merges/batches/77/undo': { job: 3 } }
  const onChanged = vi.fn()
  show(<Batches onChanged={onChanged} />)
  fireEvent.click(await screen.findByRole('button', { name: 'Undo all' }))
  await screen.findAllByText('Undo the 3 merges of this batch?')
  fireEvent.click(screen.getAllByRole('button', { name: 'Undo all' }).at(-1) as HTMLElement)
  const detail = 'merge 77 cannot be undone'
  await tell(3, { state: 'failed', problem: { status: 409, code: 'conflict', title: 'Conflict', detail } })
  await screen.findByText(/merge 77 cannot be undone/)
  expect(onChanged).not.toHaveBeenCalled()
})
