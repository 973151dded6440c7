import { useBlocker } from '@tanstack/react-router'
import { Modal } from 'antd'
import { useTexts } from '../i18n/i18n'

type Props = { when: boolean; text?: string; isKeptOnReload?: boolean }

/**
 * Asks before edits that are not saved are left behind: by a link, the back button, or closing the window. What is kept
 * when the page is loaded anew lets that pass.
 */
export function LeaveGuard({ when, text, isKeptOnReload = false }: Props) {
  const { t } = useTexts()
  const { proceed, reset, status } = useBlocker({
    // Another filter or date on the same page loses nothing.
    shouldBlockFn: ({ current, next }) => when && current.pathname !== next.pathname,
    enableBeforeUnload: () => when && !isKeptOnReload,
    withResolver: true,
  })
  return (
    <Modal
      open={status === 'blocked'}
      title={t('record.leaveTitle')}
      okText={t('record.stay')}
      cancelText={t('record.leave')}
      onOk={() => reset?.()}
      onCancel={() => reset?.()}
      cancelButtonProps={{ danger: true, onClick: () => proceed?.() }}
    >
      <p>{text ?? t('record.leaveText')}</p>
    </Modal>
  )
}
