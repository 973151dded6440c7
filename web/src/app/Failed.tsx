import type { ErrorComponentProps } from '@tanstack/react-router'
import { Link, useRouter } from '@tanstack/react-router'
import { Button } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { FailedNotice, Notice } from '@/shared/ui/Notice'

export function NotFoundPage() {
  const { t } = useTexts()
  return (
    <Notice title={t('problems.notFoundTitle')} text={t('problems.notFound')}>
      <Link to={'/' as never}>{t('problems.goHome')}</Link>
    </Notice>
  )
}

/** The boundary of every page: what failed is said, and can be tried again. */
export function FailedPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTexts()
  const router = useRouter()
  const again = () => {
    reset()
    void router.invalidate()
  }
  return (
    <FailedNotice error={error}>
      <Button onClick={again}>{t('common.retry')}</Button>
    </FailedNotice>
  )
}
