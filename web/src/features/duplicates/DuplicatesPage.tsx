import { useQueryClient } from '@tanstack/react-query'
import { Segmented, Select } from 'antd'
import { useCallback } from 'react'
import { share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { PageBody } from '@/shared/ui/Page'
import { useAddressValue } from '@/shared/url/use-view'
import { type Kind, kinds } from './api'
import styles from './Duplicates.module.css'
import { Found } from './Found'
import { Merges } from './Merges'

/** Scores that one may begin with; the second is the server's own. */
const scores = [0.7, 0.8, 0.9, 0.95] as const

/** Records that came twice: side by side, merged, told to be two, and taken back. */
export function Page() {
  const { t, lang } = useTexts()
  const queries = useQueryClient()
  const [kindWord, setKind] = useAddressValue('kind')
  const [scoreWord, setScore] = useAddressValue('score')
  const [shown, setShown] = useAddressValue('shown')
  const kind: Kind = kinds.find((one) => one === kindWord) ?? 'customers'
  const score = scores.find((one) => String(one) === scoreWord) ?? 0.8
  const lower = scores.filter((one) => one < score).at(-1) ?? null
  // Whatever was merged, every number may be another one.
  const changed = useCallback(
    () => void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' }),
    [queries],
  )
  const isFound = shown !== 'merges'
  return (
    <PageBody
      title={t('pages.duplicates')}
      tools={
        <Segmented
          aria-label={t('duplicates.view')}
          value={isFound ? 'found' : 'merges'}
          onChange={(value) => setShown(value === 'merges' ? 'merges' : undefined)}
          options={(['found', 'merges'] as const).map((value) => ({ value, label: t(`duplicates.${value}`) }))}
        />
      }
    >
      {isFound ? (
        <>
          <div className={styles.tools}>
            <Segmented
              aria-label={t('duplicates.kind')}
              value={kind}
              onChange={(value) => setKind(value === 'customers' ? undefined : value)}
              options={kinds.map((value) => ({ value, label: t(`duplicates.kinds.${value}`) }))}
            />
            <label className={styles.strategy}>
              <span>{t('duplicates.least')}</span>
              <Select
                value={score}
                aria-label={t('duplicates.least')}
                onChange={(value) => setScore(value === 0.8 ? undefined : String(value))}
                options={scores.map((value) => ({ value, label: share(value, lang, 0) }))}
              />
            </label>
          </div>
          <Found
            key={`${kind} ${score}`}
            kind={kind}
            score={score}
            lower={lower}
            onScore={(value) => setScore(value === 0.8 ? undefined : String(value))}
            onChanged={changed}
          />
        </>
      ) : (
        <Merges onChanged={changed} />
      )}
    </PageBody>
  )
}
