import { useLocation } from '@tanstack/react-router'
import { Button } from 'antd'
import { date } from '@/shared/format/dates'
import { useTexts } from '@/shared/i18n/i18n'
import { useAsOf } from '@/shared/url/use-question'
import { useSetAddress } from '@/shared/url/use-view'
import { pages } from '../pages'
import styles from './PastLine.module.css'

/** A thin amber line while one looks from a day in the past, on pages that look at a day. */
export function PastLine() {
  const { t, lang } = useTexts()
  const { asOf, past } = useAsOf()
  const setAddress = useSetAddress()
  const path = useLocation({ select: (location) => location.pathname })
  if (!past || pages.some((page) => page.isOfNow && page.path === path)) return null
  return (
    <div className={styles.line} role="status">
      <span>{t('frame.past', { day: date(asOf, lang) })}</span>
      <Button type="link" size="small" className={styles.back} onClick={() => void setAddress({ as_of: undefined })}>
        {t('frame.backToToday')}
      </Button>
    </div>
  )
}
