import { Button, Skeleton } from 'antd'
import { useState } from 'react'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import type { Upload } from '../api'
import styles from '../Imports.module.css'
import { askedOf, type Cleaning, keyOf, tableOf, tablesOf, withTable } from './cleaning'
import type { Condition } from './condition'
import { PreviewPane } from './PreviewPane'
import { blank, type Item, type Kind, lackingIn, newId, type Step } from './step'
import { StepList } from './StepList'
import { Spellings } from './Spellings'
import own from './Studio.module.css'
import { TableBar } from './TableBar'
import { useCleaned } from './use-cleaned'
import { useOrder } from './use-order'
import { viewOf } from './view'

type Props = {
  upload: Upload
  cleaning: Cleaning
  /** The table that comes in. */
  main: string
  onCleaning: (cleaning: Cleaning) => void
  onBack: () => void
  onNext: () => void
}

/** Tables put in order by steps, each with what it does beside it. Whoever needs none goes on. */
export function CleanStep({ upload, cleaning, main, onCleaning, onBack, onNext }: Props) {
  const { t, lang } = useTexts()
  const [key, setKey] = useState(main)
  const [chosen, setChosen] = useState<string | null | undefined>(undefined)
  const [open, setOpen] = useState<string | null>(null)
  const [begin, setBegin] = useState<Condition | undefined>(undefined)
  const [spelt, setSpelt] = useState<string | null>(null)
  const table = tableOf(cleaning, upload, key)
  const { items } = table
  const { seen, isBehind, error, again } = useCleaned(upload, cleaning, key)
  const put = (next: Item[]) => onCleaning(withTable(cleaning, key, { ...table, items: next }))
  const order = useOrder({ upload, cleaning, key, seen, put })

  const at = chosen === undefined ? (items.at(-1)?.id ?? null) : chosen
  const shown = items.some((item) => item.id === at) ? at : null
  const view = viewOf(items, shown, seen)
  const add = (step: Step, place: number, from?: Condition) => {
    const item = { id: newId(), step }
    put([...items.slice(0, place), item, ...items.slice(place)])
    setChosen(item.id)
    setOpen(item.id)
    setBegin(from)
  }
  const stands = items.findIndex((item) => item.id === shown)
  // What is asked for at a column is done to the rows that are in sight.
  const place = stands + (view.state === 'taken' || view.state === 'source' ? 1 : 0)
  const fails = (seen?.answer.failed.length ?? 0) > 0 && !isBehind
  const unfilled = items.findIndex((item) => !item.off && lackingIn(item.step).length > 0)
  return (
    <>
      {items.length === 0 ? <p>{t('studio.what')}</p> : null}
      {tablesOf(upload).length > 1 ? (
        <TableBar
          upload={upload}
          cleaning={cleaning}
          main={main}
          chosen={key}
          onChosen={(next) => {
            setKey(next)
            setChosen(undefined)
            setOpen(null)
          }}
          onMain={(next) => onCleaning({ main: next, tables: cleaning.tables })}
        />
      ) : null}
      <div className={own.studio}>
        <StepList
          upload={upload}
          cleaning={cleaning}
          table={key}
          headerRow={table.header_row}
          onHeaderRow={(header_row) => onCleaning(withTable(cleaning, key, { ...table, header_row }))}
          items={items}
          seen={seen}
          chosen={shown}
          open={open}
          begin={begin}
          order={order}
          onChosen={setChosen}
          onOpen={(id) => {
            setOpen(id)
            setBegin(undefined)
          }}
          onItems={(next) => {
            order.forget()
            put(next)
          }}
          onAdd={(kind: Kind) => add(blank(kind), stands + 1)}
        />
        <section className={`${styles.panel} ${styles.stack}`} aria-label={t('studio.preview')} aria-busy={isBehind}>
          {error ? (
            <>
              <ProblemLine error={error} />
              <Button onClick={again}>{t('common.retry')}</Button>
            </>
          ) : null}
          {!seen && !error ? <Skeleton active /> : null}
          {seen ? (
            <PreviewPane
              view={view}
              items={items}
              chosen={shown}
              seen={seen}
              table={keyOf(table)}
              onQuick={(step, isWhole, from) => {
                add(step, place, from)
                if (isWhole) setOpen(null)
              }}
              onSpellings={setSpelt}
            />
          ) : null}
          {spelt !== null ? (
            <Spellings
              upload={upload.id}
              ask={{ ...tablesAsked(cleaning, upload, key, items.slice(0, place)), column: spelt }}
              onClose={() => setSpelt(null)}
              onValues={(values) => {
                setSpelt(null)
                add({ do: 'map', column: spelt, values }, place)
                setOpen(null)
              }}
            />
          ) : null}
        </section>
      </div>
      {fails ? (
        <p className={styles.bad} role="alert">
          {t('studio.mustMend')}
        </p>
      ) : null}
      {unfilled !== -1 ? (
        <p className={styles.bad} role="alert">
          {t('studio.mustFill', { n: count(unfilled + 1, lang) })}
        </p>
      ) : null}
      <div className={styles.end}>
        <Button onClick={onBack}>{t('imports.back')}</Button>
        <Button type="primary" disabled={fails || unfilled !== -1} onClick={onNext}>
          {t('imports.next')}
        </Button>
      </div>
    </>
  )
}

function tablesAsked(cleaning: Cleaning, upload: Upload, key: string, items: Item[]) {
  const { table, tables } = askedOf(cleaning, upload, key, items)
  return { table, tables }
}
