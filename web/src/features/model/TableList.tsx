import { useTexts } from '@/shared/i18n/i18n'
import { dateKind, type Model } from './layout'
import styles from './Model.module.css'
import { useBoxWords } from './Star'

type Props = { model: Model; chosen: string | undefined; onChoose: (kind: string) => void }

/** The same tables as a list: where there is no width for the star. */
export function TableList({ model, chosen, onChoose }: Props) {
  const { t } = useTexts()
  const kinds = (fact: boolean) => model.tables.filter((table) => table.is_fact === fact).map((table) => table.kind)
  const parts = [
    { title: t('model.facts'), kinds: kinds(true) },
    { title: t('model.dimensions'), kinds: [...kinds(false), dateKind] },
  ]
  const words = useBoxWords()
  return (
    <div className={styles.list}>
      {parts.map((part) => (
        <section key={part.title} aria-label={part.title}>
          <h2>{part.title}</h2>
          <ul>
            {part.kinds.map((kind) => {
              const { title, note, loose } = words(model, kind)
              return (
                <li key={kind}>
                  <button type="button" aria-pressed={kind === chosen} onClick={() => onChoose(kind)}>
                    <span>{title}</span>
                    <span className={styles.soft}>{note}</span>
                    {loose ? <span className={styles.loose}>{loose}</span> : null}
                  </button>
                </li>
              )
            })}
          </ul>
        </section>
      ))}
    </div>
  )
}
