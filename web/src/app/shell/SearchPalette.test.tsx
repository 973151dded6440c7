import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { App } from 'antd'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { SearchPalette } from './SearchPalette'

const navigate = vi.fn()
vi.mock('@tanstack/react-router', () => ({ useNavigate: () => navigate }))
vi.mock('@/shared/url/use-view', () => ({ useView: () => ({ scope: 'all' }), useSetAddress: () => vi.fn() }))
vi.mock('@/shared/theme/theme', () => ({ useTheme: () => ({ theme: 'light', setTheme: vi.fn() }) }))
vi.mock('./Rail', () => ({ useNavigation: () => [{ path: '/deals', nav: { name: 'deals' } }] }))
vi.mock('../pages', () => ({ pages: [{ path: '/deals/$id' }, { path: '/customers/$id' }] }))

const acme = { id: 5, name: 'Acme' }
const stage = { process: 'p', name: { zh: '线索', en: 'Lead' } }
const none = { customer: null, opportunity: null, on: null, amount_minor: null, currency: null, decimals: null }
const found = {
  deals: [{ id: 3, name: 'Acme pumps', account: acme, stage }],
  customers: [acme],
  people: [{ id: 8, name: 'Ada' }],
  contacts: [{ id: 9, name: 'Li', post: 'buyer', customer: acme }],
  records: [
    {
      ...none,
      id: 11,
      kind: 'order',
      title: 'ACME-11',
      customer: acme,
      on: '2026-11-02',
      amount_minor: 150_000,
      currency: 'CNY',
      decimals: 2,
    },
    { ...none, id: 12, kind: 'lead', title: 'acme.cn', opportunity: { id: 3, name: 'Acme pumps' } },
    { ...none, id: 13, kind: 'lead', title: null },
  ],
}

beforeEach(async () => {
  await i18n.changeLanguage('en')
  navigate.mockClear()
  vi.stubGlobal(
    'fetch',
    async () => new Response(JSON.stringify(found), { headers: { 'Content-Type': 'application/json' } }),
  )
})
afterEach(() => vi.unstubAllGlobals())

async function typed(text: string) {
  const onClose = vi.fn()
  render(
    <QueryClientProvider client={new QueryClient()}>
      <App>
        <SearchPalette onClose={onClose} />
      </App>
    </QueryClientProvider>,
  )
  await userEvent.type(screen.getByRole('combobox'), text)
  await screen.findByRole('option', { name: 'Ada' })
  return onClose
}

it('tells of each record what tells it from others', async () => {
  await typed('acme')
  expect(screen.getAllByRole('option').map((option) => option.textContent.replace(/\s/g, ' '))).toEqual([
    'Acme pumpsAcme · Lead',
    'Acme',
    'Ada',
    'Libuyer · Acme',
    'ACME-11Acme · 2 Nov 2026 · ¥1.50 K',
    'acme.cnAcme pumps',
    '#13',
  ])
})

it.each([
  ['a deal', 'Acme pumps', { to: '/deals/3', search: { scope: 'all' } }],
  ['the deals of a person', 'Ada', { to: '/', search: { scope: 'person:#8' } }],
  ['the customer of a contact', 'Li', { to: '/customers/5', search: { scope: 'all', record: 'contact:9' } }],
  ['the customer of an order', 'ACME-11', { to: '/customers/5', search: { scope: 'all', record: 'order:11' } }],
  ['the deal of a lead', 'acme.cn', { to: '/deals/3', search: { scope: 'all' } }],
  ['the customer funnel of a lead of nobody', '#13', { to: '/customer-funnel', search: { scope: 'all' } }],
])('opens %s', async (_, text, place) => {
  const onClose = await typed('acme')
  await userEvent.click(screen.getAllByText(text)[0] as HTMLElement)
  expect(navigate).toHaveBeenCalledExactlyOnceWith(place)
  expect(onClose).toHaveBeenCalledOnce()
})

it('chooses by arrows', async () => {
  await typed('acme')
  await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowUp}{Enter}')
  expect(navigate).toHaveBeenCalledExactlyOnceWith({ to: '/customers/5', search: { scope: 'all' } })
})
