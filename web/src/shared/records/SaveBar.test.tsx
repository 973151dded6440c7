import { render, screen } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { SaveBar } from './SaveBar'

beforeEach(() => i18n.changeLanguage('en'))

const nothing = () => {}

it.each([
  [2, 0, '2 unsaved changes', true],
  [0, 1, '1 field cannot be saved yet', false],
  [1, 2, '1 unsaved change · 2 fields cannot be saved yet', false],
])('with %i changes and %i faults says "%s"', (count, faulty, text, saves) => {
  render(<SaveBar {...{ count, faulty }} saving={false} error={null} onSave={nothing} onDiscard={nothing} />)
  expect(screen.getByText(text)).toBeInTheDocument()
  const save = screen.getByRole('button', { name: 'Save' })
  if (saves) expect(save).toBeEnabled()
  else expect(save).toBeDisabled()
})

it('is not there while nothing waits', () => {
  render(<SaveBar count={0} faulty={0} saving={false} error={null} onSave={nothing} onDiscard={nothing} />)
  expect(screen.queryByRole('status')).toBeNull()
})
