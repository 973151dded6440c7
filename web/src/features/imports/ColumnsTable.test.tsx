import { render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { ColumnsTable } from './ColumnsTable'

const columns = [{ name: 'Title', sample: ['Pump', 'Valve'], filled: 2 }] as never
const fields = [{ name: 'name', label: { zh: '名称', en: 'name' }, required: true }] as never
const suggestions = [{ column: 'Title', field: 'name', why: { zh: '列名相同', en: 'the heading says so' } }] as never

function show(isPhone: boolean) {
  vi.spyOn(window, 'matchMedia').mockImplementation(
    (media) =>
      ({
        matches: isPhone && media.includes('max-width'),
        media,
        addEventListener() {},
        removeEventListener() {},
      }) as never,
  )
  const mapped = { key: [], fields: { name: { column: 'Title' } } } as never
  render(<ColumnsTable columns={columns} fields={fields} suggestions={suggestions} mapped={mapped} onPut={vi.fn()} />)
}

beforeEach(() => i18n.changeLanguage('en'))
afterEach(() => vi.restoreAllMocks())

it('is a table with a row for each column', () => {
  show(false)
  const row = screen.getByRole('row', { name: /^Title/ })
  expect(row).toHaveTextContent('Pump · Valve')
  expect(within(row).getByRole('combobox', { name: 'Goes to: Title' })).toBeVisible()
})

it('on a phone is a card for each column, with where it goes below its name', () => {
  show(true)
  expect(screen.queryByRole('table')).toBeNull()
  const card = screen.getByRole('listitem')
  expect(within(card).getByRole('combobox', { name: 'Goes to: Title' })).toBeVisible()
  expect(card.textContent).toMatch(/^Title.*Examples: Pump · ValveWhy: the heading says so$/)
})
