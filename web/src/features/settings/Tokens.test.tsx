import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { i18n } from '@/shared/i18n/i18n'
import { Secret } from './Tokens'

it('shows the secret of a new token, and says what to do where it was told before', async () => {
  await i18n.changeLanguage('en')
  const { rerender } = render(<Secret token="abc" />)
  expect(screen.getByRole('status')).toHaveTextContent(/is not shown again:\s*abc/)
  rerender(<Secret token={null} />)
  expect(screen.getByRole('status')).toHaveTextContent('Revoke it and create another one.')
})
