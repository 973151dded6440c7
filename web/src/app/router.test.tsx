import type { ReactNode } from 'react'
import { render, screen } from '@testing-library/react'
import { beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'

const organisation = { name: 'Own', zone: 'UTC', currency: 'CNY', decimals: 2, fiscal_start_month: 1 }
const process = { key: 'own', name: { zh: '自己的', en: 'Our own' }, stages: [], deals: 3, last_day: '2026-11-24' }
const answers: Record<string, unknown> = {
  '/api/v1/session': { csrf: 'x', user: { name: 'a', roles: [] }, may: ['analyse'], demo: false, scopes: [] },
  '/api/v1/meta': {
    organisation,
    today: '2026-11-24',
    deals: 3,
    processes: [{ ...process, first_day: '2024-01-01' }],
    dimensions: [],
  },
}

/** A machine that does much else is slow, and not wrong. */
vi.setConfig({ testTimeout: 30_000 })
vi.mock('@/features/analyser/AnalyserPage', () => ({ Page: (): ReactNode => null }))

beforeEach(async () => {
  await i18n.changeLanguage('en')
  vi.stubGlobal('scrollTo', () => {})
  vi.stubGlobal('fetch', async (request: Request) => {
    const body = answers[new URL(request.url).pathname]
    return new Response(JSON.stringify(body ?? { code: 'x', status: 404, title: 'None' }), {
      status: body ? 200 : 404,
      headers: { 'Content-Type': 'application/json' },
    })
  })
})

it.each([
  ['/?as_of=2026-13-45', '“2026-13-45” is no day; today is shown.', '?as_of=2026-13-45&process=own'],
  ['/?process=own&as_of=2026-13-45', '“2026-13-45” is no day; today is shown.', '?process=own&as_of=2026-13-45'],
  ['/?process=xyz', 'There is no sales process “xyz”; Our own is shown.', '?process=own'],
  ['/?process=own&as_of=2099-01-01', '1 Jan 2099 lies ahead; today is shown.', '?process=own&as_of=2099-01-01'],
  ['/?as_of=２０２６-０９-３０', 'You are looking at 30 Sep 2026', '?as_of=2026-09-30&process=own'],
])('%s, opened afresh, says what is shown instead', async (address, told, after) => {
  window.history.replaceState(null, '', address)
  vi.resetModules()
  const { App } = await import('./App')
  render(<App />)
  expect(await screen.findByText((text) => text.includes(told), {}, { timeout: 10_000 })).toBeInTheDocument()
  await vi.waitFor(() => expect(decodeURIComponent(window.location.search)).toBe(after))
})

it.each([
  [false, '/sign-in?to=/funnel'],
  [true, '/sign-in?to=/funnel&ended=1'],
])(
  'without a session leads to the sign-in; whether one was there before (%s) is in its address',
  async (was, after) => {
    if (was) localStorage.setItem('loudou.signed-in', 'yes')
    vi.stubGlobal('fetch', async () => {
      const problem = { code: 'signed-out', status: 401, title: 'Signed out' }
      return new Response(JSON.stringify(problem), { status: 401, headers: { 'Content-Type': 'application/json' } })
    })
    window.history.replaceState(null, '', '/funnel')
    vi.resetModules()
    const { App } = await import('./App')
    render(<App />)
    await screen.findByRole('button', { name: 'Sign in' }, { timeout: 10_000 })
    expect(decodeURIComponent(`${window.location.pathname}${window.location.search}`)).toBe(after)
    expect(screen.queryAllByText('Your session has ended. Please sign in again.')).toHaveLength(was ? 1 : 0)
  },
)
