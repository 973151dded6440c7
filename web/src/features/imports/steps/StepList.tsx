import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import type { Upload } from '../api'
import styles from '../Imports.module.css'
import { AddStep } from './AddStep'
import { type Cleaning, copied, othersOf } from './cleaning'
import type { Condition } from './condition'
import { HeaderRow } from './HeaderRow'
import type { Item, Kind, Step } from './step'
import { StepCard } from './StepCard'
import { StepForm } from './StepForm'
import own from './Studio.module.css'
import type { Seen } from './use-cleaned'
import type { Order } from './use-order'
import { reason, tableBefore, viewOf } from './view'

type Props = {
  upload: Upload
  cleaning: Cleaning
  table: string
  headerRow: number | undefined
  items: Item[]
  seen: Seen | null
  chosen: string | null
  open: string | null
  /** What a condition that was asked for at a column begins with. */
  begin: Condition | undefined
  order: Order
  onChosen: (id: string | null) => void
  onOpen: (id: string | null) => void
  onHeaderRow: (row: number | undefined) => void
  onItems: (items: Item[]) => void
  onAdd: (kind: Kind) => void
}

/** The steps in their order, and the form of the one that is being changed. */
export function StepList({
  upload,
  cleaning,
  table,
  headerRow,
  items,
  seen,
  chosen,
  open,
  begin,
  order,
  ...on
}: Props) {
  const { t, lang } = useTexts()
  const change = (id: string, next: Partial<Item>) =>
    on.onItems(items.map((item) => (item.id === id ? { ...item, ...next } : item)))
  const source = seen?.answer.tables[0]
  return (
    <section className={`${styles.panel} ${styles.stack}`} aria-label={t('studio.list')}>
      <ol className={own.list}>
        <li className={own.card} data-chosen={chosen === null || undefined}>
          <button type="button" className={own.pick} aria-pressed={chosen === null} onClick={() => on.onChosen(null)}>
            <span className={own.what}>{t('studio.source')}</span>
            <span className={styles.soft}>
              {source ? t('studio.rowsAfter', { n: count(source.row_count, lang), count: source.row_count }) : null}
            </span>
          </button>
          {chosen === null ? <HeaderRow value={headerRow} onValue={on.onHeaderRow} /> : null}
        </li>
        {items.map((item, at) => (
          <li
            key={item.id}
            className={own.card}
            data-chosen={chosen === item.id || undefined}
            data-off={item.off || undefined}
          >
            <StepCard
              item={item}
              at={at}
              last={items.length - 1}
              view={viewOf(items, item.id, seen)}
              isChosen={chosen === item.id}
              isMoving={order.isAsking}
              onChoose={() => on.onChosen(item.id)}
              onOpen={() => {
                on.onChosen(item.id)
                on.onOpen(open === item.id ? null : item.id)
              }}
              onMove={(by) => void order.move(item.id, by)}
              onOff={() => change(item.id, { off: !item.off })}
              onCopy={() => on.onItems(copied(items, item.id))}
              onRemove={() => on.onItems(items.filter((one) => one.id !== item.id))}
            />
            {order.refused?.id === item.id ? (
              <p className={styles.bad} role="alert">
                {t('studio.reordered', { n: count(order.refused.place + 1, lang) })}{' '}
                {reason(order.refused.problem, lang)}
              </p>
            ) : null}
            {open === item.id ? (
              <StepForm
                key={item.id}
                step={item.step}
                begin={begin}
                table={tableBefore(items, at, seen)}
                upload={upload}
                cleaning={cleaning}
                of={table}
                before={items.slice(0, at)}
                others={othersOf(upload, table)}
                onStep={(step: Step) => change(item.id, { step })}
                onDone={() => on.onOpen(null)}
              />
            ) : null}
          </li>
        ))}
      </ol>
      {order.error ? <ProblemLine error={order.error} /> : null}
      <div className={styles.row}>
        <AddStep isOnly={items.length === 0} onAdd={on.onAdd} />
      </div>
      {items.length > 1 ? <p className={styles.soft}>{t('studio.moveHelp')}</p> : null}
    </section>
  )
}
