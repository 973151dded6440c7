import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import styles from '../Imports.module.css'
import { marked } from './diff'
import type { Quick } from './HeadMenu'
import { PreviewTable } from './PreviewTable'
import { titleOf } from './sentence'
import { type Item, lackingIn } from './step'
import { Reason } from './StepCard'
import own from './Studio.module.css'
import { Unread } from './Unread'
import type { Seen } from './use-cleaned'
import type { View } from './view'

type Props = {
  view: View
  items: Item[]
  chosen: string | null
  seen: Seen
  table: string
  onQuick: Quick
  onSpellings: (column: string) => void
}

/** The rows after the chosen step, with what it did to them. */
export function PreviewPane({ view, items, chosen, seen, table, onQuick, onSpellings }: Props) {
  const { t, lang } = useTexts()
  const { before, after, issues } = view
  const item = items.find((one) => one.id === chosen)
  const step = view.state === 'taken' ? (item?.step ?? null) : null
  const rows = after ? marked(step, before, after) : null
  const { looked_at: most, text, failed } = seen.answer
  const numbered = (step: number) => count(items.findIndex((one) => one.id === seen.ids[step - 1]) + 1, lang)
  const failing = failed.at(-1)?.step ?? 0
  const source = seen.answer.tables[0]
  return (
    <>
      <div className={own.previewHead}>
        <h2>
          {item
            ? titleOf(item.step, lackingIn(item.step).length === 0, { t, lang })
            : `${t('studio.source')} · ${table}`}
        </h2>
        {after ? (
          <span className={own.counts}>
            {before
              ? t('studio.rowsChange', { from: count(before.row_count, lang), to: count(after.row_count, lang) })
              : t('studio.rowsOnly', { n: count(after.row_count, lang) })}
          </span>
        ) : null}
      </div>
      {view.problem ? <Reason problem={view.problem} /> : null}
      {view.state === 'behind' ? <p className={styles.warn}>{t('studio.notTaken', { n: numbered(failing) })}</p> : null}
      {view.without.length > 0 ? (
        <p className={styles.warn}>
          {t('studio.without', { steps: view.without.map(numbered).join(lang === 'zh' ? '、' : ', ') })}
        </p>
      ) : null}
      {view.state === 'off' ? <p className={styles.soft}>{t('studio.notOn')}</p> : null}
      {view.state === 'incomplete' ? <p className={styles.soft}>{t('studio.notDone')}</p> : null}
      {rows?.gone.length ? (
        <p className={styles.row}>
          <span className={styles.soft}>{t('studio.gone')}</span>
          {rows.gone.map((name) => (
            <del key={name} className={own.gone}>
              {name}
            </del>
          ))}
        </p>
      ) : null}
      {rows ? <PreviewTable rows={rows} table={after} onQuick={onQuick} onSpellings={onSpellings} /> : null}
      <Unread issues={issues} />
      <div className={styles.row}>
        {source && source.row_count >= most ? (
          <span className={styles.soft}>{t('studio.previewFirst', { n: count(most, lang) })}</span>
        ) : null}
        {seen.ids.length > 0 && failed.length === 0 ? (
          <a href={`data:application/toml;charset=utf-8,${encodeURIComponent(text)}`} download="steps.toml">
            {t('studio.download')}
          </a>
        ) : null}
      </div>
    </>
  )
}
