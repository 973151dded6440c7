import { Button } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import type { ImportRow } from './api'
import type { Undo } from './use-undo'

/** Takes an import back, if it is in use and no later one stands on it. */
export function UndoButton({ row, undo, isSmall = false }: { row: ImportRow; undo: Undo; isSmall?: boolean }) {
  const { t } = useTexts()
  if (row.state !== 'done') return null
  const isBlocked = row.blocked_by.length > 0
  return (
    <Button
      size={isSmall ? 'small' : 'middle'}
      danger
      disabled={isBlocked || undo.isRunning}
      title={isBlocked ? t('imports.undoBlocked', { ids: row.blocked_by.join(', ') }) : undefined}
      onClick={() => undo.ask(row)}
    >
      {t('imports.undo')}
    </Button>
  )
}
