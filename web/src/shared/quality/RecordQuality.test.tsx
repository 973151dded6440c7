import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { App } from 'antd'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { RecordQuality } from './RecordQuality'

const patient = { timeout: 10_000 }
vi.setConfig({ testTimeout: 30_000 })

const may = new Set<string>()
const moment: { as_of?: string } = {}
vi.mock('@/shared/api/queries', () => ({ useMay: (what: string) => may.has(what) }))
vi.mock('@/shared/url/use-question', () => ({
  useAsOf: () => ({ past: moment.as_of !== undefined, asOf: moment.as_of ?? '2026-11-24' }),
  useMoment: () => moment,
}))
vi.mock('@/shared/url/use-view', () => ({ useView: () => ({}) }))
vi.mock('@tanstack/react-router', () => ({ Link: ({ to, children }: never) => <a href={to}>{children}</a> }))

const rule = (key: string, name: string, field: string | null) => ({
  key,
  class: 'completeness',
  name: { zh: key, en: name },
  advice: { zh: key, en: `advice for ${key}` },
  field,
})
let answer: unknown
const asked: string[] = []

beforeEach(async () => {
  await i18n.changeLanguage('en')
  may.clear()
  delete moment.as_of
  asked.length = 0
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname, search } = new URL(request.url)
    asked.push(pathname + search)
    const day = { zh: '预计成交日', en: 'Expected close' }
    const fields = [
      {
        id: 7,
        name: 'expected_close_on',
        label: day,
        type: 'day',
        choices: [],
        value: null,
        editable: true,
        erased: false,
      },
    ]
    const body = pathname.includes('/quality/') ? answer : { id: 5, version: 12, currency: 'CNY', decimals: 2, fields }
    return new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } })
  })
})
afterEach(() => vi.unstubAllGlobals())

function show() {
  return render(
    <App>
      <QueryClientProvider client={new QueryClient()}>
        <RecordQuality of="deal" id={5} />
      </QueryClientProvider>
    </App>,
  )
}

const failing = {
  score: 0.62,
  rules: [
    rule('close_missing', 'No expected close', 'expected_close_on'),
    rule('evidence_missing', 'No evidence', null),
  ],
}

it('tells the score and what is lacking, and mends in its place', async () => {
  answer = failing
  may.add('edit_deals')
  show()
  await screen.findByText(/^62.?%$/, {}, patient)
  expect(screen.getByText('advice for evidence_missing')).toBeVisible()
  expect(screen.getAllByRole('button')).toHaveLength(1)
  await userEvent.click(screen.getByRole('button', { name: 'Mend No expected close' }))
  expect(await screen.findByLabelText('Expected close', {}, patient)).toBeVisible()
})

it('offers no mending to whoever may not edit, nor on a past day', async () => {
  answer = failing
  show()
  await screen.findByText('No evidence', {}, patient)
  expect(screen.queryByRole('button')).toBeNull()
})

it('asks for the day that one looks from', async () => {
  answer = { score: 1, rules: [] }
  moment.as_of = '2026-03-01'
  may.add('edit_deals')
  show()
  await screen.findByText('It lacks nothing that the rules ask for.', {}, patient)
  expect(asked).toEqual(['/api/v1/quality/records/5?of=deal&as_of=2026-03-01'])
})

it('leads to the duplicates whoever may merge them, as of today', async () => {
  answer = { score: 0.8, rules: [rule('customer_alike', 'Another customer with this name', null)] }
  const { unmount } = show()
  await screen.findByText('advice for customer_alike', undefined, patient)
  expect(screen.queryByRole('link')).toBeNull()
  unmount()
  may.add('import')
  show()
  expect(await screen.findByRole('link', undefined, patient)).toHaveAttribute('href', '/data/duplicates')
})
