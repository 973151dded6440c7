import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import styles from '../Imports.module.css'
import type { Cell, Head, Marked, Table } from './diff'
import { HeadMenu, type Quick } from './HeadMenu'
import own from './Studio.module.css'

type Props = { rows: Marked; table: Table | null; onQuick: Quick; onSpellings: (column: string) => void }

/** The first rows: what is new, changed or taken out is marked by a sign and a word, not by colour alone. */
export function PreviewTable({ rows, table, onQuick, onSpellings }: Props) {
  const { t } = useTexts()
  return (
    <Scroller style={{ maxHeight: 560 }}>
      <table className={own.rows}>
        <thead>
          <tr>
            {rows.heads.map((head) => (
              <th key={head.name} scope="col" data-mark={head.mark ?? undefined}>
                <HeadMenu column={head.name} table={table} onQuick={onQuick} onSpellings={onSpellings} />
                <Mark head={head} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.rows.map((row, at) => (
            // Rows have no name, and stand in the order of the table.
            <tr key={at} data-gone={row.isGone || undefined} title={row.isGone ? t('studio.goneRow') : undefined}>
              {row.cells.map((cell, place) => (
                <Shown key={rows.heads[place]?.name} cell={cell} isNew={rows.heads[place]?.mark === 'new'} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.rows.every((row) => row.isGone) ? <p className={styles.soft}>{t('studio.noRows')}</p> : null}
    </Scroller>
  )
}

function Mark({ head }: { head: Head }) {
  const { t } = useTexts()
  if (!head.mark) return null
  const word =
    head.mark === 'new'
      ? `+ ${t('studio.newColumn')}`
      : head.mark === 'renamed'
        ? t('studio.renamedColumn', { name: head.was })
        : `△ ${t('studio.changedColumn')}`
  return <span className={own.mark}>{word}</span>
}

function Shown({ cell, isNew }: { cell: Cell; isNew: boolean }) {
  const { t } = useTexts()
  const isChanged = cell.was !== undefined
  const was = isChanged ? t('studio.was', { value: cell.was ?? t('studio.nothingMeans') }) : undefined
  return (
    <td data-changed={isChanged || undefined} data-new={isNew || undefined} title={was}>
      {isChanged ? (
        <>
          <span className="hidden-visually">{was}</span>
          <del className={own.was} aria-hidden="true">
            {cell.was ?? '∅'}
          </del>{' '}
        </>
      ) : null}
      {cell.text ?? <span className={own.empty}>∅</span>}
    </td>
  )
}
