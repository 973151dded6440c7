import { render, screen } from '@testing-library/react'
import { beforeEach, expect, it, vi } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import type { Mapping, Suggested, TableFound } from './api'
import { TablesList } from './TablesList'

const found = (name: string, kinds: object[]) => ({ file: { name, rows_seen: 3, columns: [], sheets: [] }, kinds })
const why = { zh: '有编号', en: 'it has ids' }
const suggested = {
  tables: [found('deals.csv', [{ kind: 'opportunity', why }]), found('log.csv', []), found('notes.csv', [])],
  kinds: [
    { kind: 'opportunity', label: { zh: '商机', en: 'deal' } },
    { kind: 'activity', label: { zh: '跟进', en: 'activity' } },
  ],
} as unknown as Suggested
const mapping = { table: { file: 'deals.csv' }, history: { table: { file: 'log.csv' } }, records: [] }

function show(more: object = {}) {
  render(
    <TablesList
      suggested={suggested}
      mapping={{ ...mapping, ...more } as unknown as Mapping}
      nameOf={({ file }: TableFound) => file.name}
      onMapping={vi.fn()}
      onDeals={vi.fn()}
    />,
  )
  return [...screen.getByRole('region').querySelectorAll('label')].map((label) => label.parentElement?.textContent)
}

beforeEach(() => i18n.changeLanguage('en'))

it('says of each table what it comes in as, of one with the history only that', () => {
  const [deals, log, notes] = show()
  expect(deals).toBe('deals.csv · 3 rows seenDealWhy: it has ids')
  expect(log).toBe('log.csv · 3 rows seenchanges of the deals')
  expect(notes).toBe('notes.csv · 3 rows seennot imported')
})

it('says both where a table with the history holds records of its own', () => {
  const [, log] = show({ records: [{ kind: 'activity', table: { file: 'log.csv' }, key: [], fields: {} }] })
  expect(log).toBe('log.csv · 3 rows seenActivitychanges of the deals')
})
