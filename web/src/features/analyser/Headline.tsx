import { Popover } from 'antd'
import type { Analyser } from '@/shared/api/types'
import { useTexts } from '@/shared/i18n/i18n'
import styles from './Headline.module.css'

const marks: Record<string, string> = { replenish: '▼', advance: '●', both: '▼', none: '▲', unknown: '–' }

/** The diagnosis in one line, with the rules it rests on behind "why". */
export function Headline({ headline }: { headline: Analyser['headline'] }) {
  const { t, say } = useTexts()
  const rules = (
    <div className={styles.rules}>
      <h2>{t('analyser.rules')}</h2>
      {headline.rules.length ? (
        <ul>
          {headline.rules.map((rule) => (
            <li key={rule.en}>{say(rule)}</li>
          ))}
        </ul>
      ) : (
        <p>{t('analyser.noRules')}</p>
      )}
      {headline.behind.length ? <p>{t('analyser.behindRule')}</p> : null}
    </div>
  )
  // Nothing to replenish or to advance, yet members far from their targets: that is no green light.
  const kind = headline.kind === 'none' && headline.behind.length ? 'behind' : headline.kind
  return (
    <div className={styles.line} data-kind={kind}>
      <span className={styles.mark} aria-hidden="true">
        {marks[kind] ?? '●'}
      </span>
      <h1 className={styles.text}>{say(headline)}</h1>
      <Popover trigger="click" placement="bottomRight" content={rules}>
        <button type="button" className={styles.why}>
          {t('analyser.why')}
        </button>
      </Popover>
    </div>
  )
}
