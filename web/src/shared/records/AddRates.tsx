import { Link } from '@tanstack/react-router'
import { useTexts } from '../i18n/i18n'
import { useView } from '../url/use-view'

/** The way to the exchange rates, where amounts in several currencies are not counted together. */
export function AddRates() {
  const { t } = useTexts()
  const view = useView()
  return (
    <Link to={'/settings' as never} search={{ ...view, tab: 'rates' } as never}>
      {t('settings.rates')}
    </Link>
  )
}
