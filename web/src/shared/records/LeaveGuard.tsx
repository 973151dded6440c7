import { useBlocker } from '@tanstack/react-router'
import { Modal } from 'antd'
import { useTexts } from '../i18n/i18n'

type Props = { when: boolean; text?: string; isKept?: boolean }

/**
 * Asks before edits that are not saved are left behind: by a link, the back button, or closing the window. What is kept
 * in the browser (`isKept`) lets the last of them pass.
 */
export function LeaveGuard({ when, text, isKept = false }: Props) {
  const { t } = useTexts()
  const { proceed, reset, status } = useBlocker({
    // Another filter or date on the same page loses nothing.
    shouldBlockFn: ({ current, next }) => when && current.pathname !== next.pathname,
    enableBeforeUnload: () => when && !isKept,
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
