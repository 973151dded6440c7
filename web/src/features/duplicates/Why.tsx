import { share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import type { Pair } from './api'
import styles from './Duplicates.module.css'

/** What agrees between two records, and what both have and differs. */
export function Why({ pair }: { pair: Pair }) {
  const { t, lang } = useTexts()
  const word = (why: string) => t(`duplicates.why.${why as 'name'}`, { defaultValue: why })
  const agrees = pair.agrees.map(({ why, likeness }) =>
    likeness < 1 ? t('duplicates.alike', { what: word(why), share: share(likeness, lang, 0) }) : word(why),
  )
  return (
    <dl className={styles.why}>
      <div>
        <dt>{t('duplicates.agrees')}</dt>
        <dd>{agrees.join(' · ')}</dd>
      </div>
      {pair.differs.length ? (
        <div>
          <dt>{t('duplicates.differs')}</dt>
          <dd data-differs>{pair.differs.map(word).join(' · ')}</dd>
        </div>
      ) : null}
    </dl>
  )
}
