import type { Target } from '@/shared/api/records'
import {
  amount,
  amountExact,
  asNumber,
  type Lang,
  type Money,
  nameValue,
  type Scale,
  scaled,
} from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import styles from './TargetsPage.module.css'
import { type Grid, moneyOf } from './use-grid'

type Props = { grid: Grid; row: number; column: number; label: string; money: Money; scale: Scale }

/** A cell as it is read, and as it is typed into. */
export function TargetCell({ grid, row, column, label, money, scale }: Props) {
  const { t, lang } = useTexts()
  const targets = grid.cellOf(row, column)
  if (grid.open?.row === row && grid.open.column === column) {
    return (
      <td>
        <input
          // The cell was opened to be typed into
          autoFocus
          className={`${styles.cell} ${styles.input}`}
          aria-label={label}
          aria-invalid={grid.fault !== undefined || grid.open.asked !== null || grid.change.isError}
          inputMode="decimal"
          value={grid.open.typed}
          onChange={(event) => grid.type(event.target.value)}
          onKeyDown={grid.inputKeys}
          onBlur={() => void grid.save(false)}
        />
      </td>
    )
  }
  const several = targets.length > 1 ? t('targets.several', { n: targets.length }) : null
  const exact = exactly(targets[0], money, lang)
  return (
    <td>
      <button
        type="button"
        className={styles.cell}
        data-row={row}
        data-column={column}
        tabIndex={row === 0 && column === 0 ? 0 : -1}
        aria-label={nameValue(label, several ?? exact ?? t('common.none'), lang)}
        title={several ? undefined : exact}
        onClick={() => grid.begin(row, column)}
        onKeyDown={grid.cellKeys(row, column)}
      >
        {several ? <span className={styles.several}>{several}</span> : shown(targets[0], money, scale, lang)}
      </button>
    </td>
  )
}

/** In the unit of the head; a target in another currency says so itself. */
function shown(target: Target | undefined, money: Money, scale: Scale, lang: Lang): string {
  const minor = asNumber(target?.amount_minor)
  if (minor === null) return ''
  const own = moneyOf(target, money)
  return own.currency === money.currency ? scaled(minor, scale, lang) : amount(minor, own, lang)
}

function exactly(target: Target | undefined, money: Money, lang: Lang): string | undefined {
  const minor = asNumber(target?.amount_minor)
  return minor === null ? undefined : amountExact(minor, moneyOf(target, money), lang)
}
