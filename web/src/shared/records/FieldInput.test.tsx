import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it, vi } from 'vitest'
import type { Field } from '../api/records'
import { i18n } from '../i18n/i18n'
import { FieldInput } from './FieldInput'

beforeEach(() => i18n.changeLanguage('en'))

function show(field: { type: Field['type']; min?: number | null }, value: unknown = null) {
  const calls = { onChange: vi.fn(), onProblem: vi.fn() }
  const money = { currency: 'EUR', decimals: 2 }
  const { container } = render(<FieldInput field={field} value={value} label="It" money={money} {...calls} />)
  return { ...calls, container }
}

it('refuses an amount below zero only where zero is the least', async () => {
  const { onChange, onProblem } = show({ type: 'amount_minor', min: 0 })
  await userEvent.type(screen.getByRole('textbox', { name: 'It' }), '-5')
  expect(onProblem).toHaveBeenLastCalledWith('An amount cannot be negative')
  expect(onChange).not.toHaveBeenCalled()
})

it.each([undefined, null])('takes an amount below zero where the least is %s', async (min) => {
  const { onChange, onProblem } = show({ type: 'amount_minor', min })
  await userEvent.type(screen.getByRole('textbox', { name: 'It' }), '-5')
  expect(onProblem).toHaveBeenLastCalledWith(null)
  expect(onChange).toHaveBeenLastCalledWith(-500)
})

it('says where decimals are written when a comma stands for the point', async () => {
  const { onChange, onProblem } = show({ type: 'amount_minor' })
  await userEvent.click(screen.getByRole('textbox', { name: 'It' }))
  await userEvent.paste('1234,5')
  expect(onProblem).toHaveBeenLastCalledWith('This is not a number: write decimals after a point, such as 1234.5')
  expect(onChange).not.toHaveBeenCalled()
})

it('shows a text in the place of yes or no as unset', () => {
  const chosen = (value: unknown) => show({ type: 'bool' }, value).container.textContent
  expect([true, false, 'no', '否', null].map(chosen)).toEqual(['Yes', 'No', '', '', ''])
})
