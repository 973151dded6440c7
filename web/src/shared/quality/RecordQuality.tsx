import { useQuery } from '@tanstack/react-query'
import { api, ok } from '@/shared/api/client'
import { share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { recordStyles } from '@/shared/records/RecordPage'
import { ProblemLine } from '@/shared/ui/Notice'
import { useMoment } from '@/shared/url/use-question'
import styles from './quality.module.css'
import { qualityKey } from './quality-key'
import { RuleLines } from './RuleLines'

/** The quality of the record on its page: the score, what it lacks, and the way to mend it there. */
export function RecordQuality({ of, id }: { of: 'deal' | 'customer'; id: number }) {
  const { t, lang } = useTexts()
  const moment = useMoment()
  const quality = useQuery({
    queryKey: [qualityKey, 'record', of, id, moment],
    queryFn: ({ signal }) =>
      ok(api.GET('/api/v1/quality/records/{id}', { params: { path: { id }, query: { of, ...moment } }, signal })),
  })
  if (quality.isError) return <ProblemLine error={quality.error} />
  if (!quality.data) return null
  const { score, rules } = quality.data
  return (
    <section className={recordStyles.panel} aria-label={t('quality.record')}>
      <h2>
        {t('quality.record')}
        {typeof score === 'number' ? (
          <span className={styles.points} title={t('quality.score')}>
            {share(score, lang, 0)}
          </span>
        ) : null}
      </h2>
      {rules.length ? (
        <RuleLines of={of} id={id} rules={rules} />
      ) : (
        <p className={styles.soft}>{t(typeof score === 'number' ? 'quality.recordSound' : 'quality.recordUnasked')}</p>
      )}
    </section>
  )
}
