import { render, screen } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import type { Field } from '../api/records'
import { i18n } from '../i18n/i18n'
import { FieldList } from './FieldList'

vi.mock('./use-value-names', () => ({ useValueNames: () => ({ role: (key: string) => key }) }))

const field = (name: string, type: Field['type'], value: unknown): Field => ({
  id: 1,
  name,
  label: { zh: name, en: name },
  type,
  value,
  erased: false,
  required: false,
  editable: true,
})

const draft = { values: {}, problems: {}, set: vi.fn(), drop: vi.fn(), tell: vi.fn(), clear: vi.fn() }

it('offers lists of texts for writing, and neither parties nor what no input can hold', async () => {
  await i18n.changeLanguage('en')
  const fields = [
    field('competitors', 'texts', null),
    field('parties', 'parties', null),
    field('met', 'parties', [{ role: 'coach', name: 'Li' }]),
    field('other', 'json', { a: 1 }),
  ]
  render(
    <FieldList
      fields={fields}
      money={{ currency: 'CNY', decimals: 2 }}
      draft={draft as never}
      errors={{}}
      onSave={vi.fn()}
    />,
  )
  const named = (name: string) => screen.queryByRole('button', { name: new RegExp(name) })
  expect(named('competitors')).toBeTruthy()
  expect([named('parties'), named('met'), named('other')]).toEqual([null, null, null])
  expect(screen.getByText(/Li/)).toBeTruthy()
})
