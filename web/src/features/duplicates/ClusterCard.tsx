import { useMutation } from '@tanstack/react-query'
import { App, Button, Select } from 'antd'
import { useState } from 'react'
import { counted, share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { type Cluster, keepApart, type Kind, merge, strategies } from './api'
import { asked, firstChoice, going, tellingPair } from './compare'
import { CompareTable } from './CompareTable'
import styles from './Duplicates.module.css'
import { Why } from './Why'

type Props = { kind: Kind; cluster: Cluster; onChanged: () => void; onMerged: (name: string, merges: number[]) => void }

/** A group of records that are likely one: why, side by side, and what to do with them. */
export function ClusterCard({ kind, cluster, onChanged, onMerged }: Props) {
  const { t, lang } = useTexts()
  const { message } = App.useApp()
  const [choice, setChoice] = useState(() => firstChoice(cluster))
  const pair = tellingPair(cluster, choice.survivor)
  const survivor = cluster.records.find(({ id }) => id === choice.survivor)
  const toGo = going(cluster, choice)
  const join = useMutation({
    mutationFn: () => merge(asked(kind, cluster, choice)),
    onSuccess: (merged) => onMerged(survivor?.name ?? '', merged?.merges ?? []),
  })
  const apart = useMutation({
    mutationFn: () =>
      keepApart(
        kind,
        cluster.records.map(({ id }) => id),
      ),
    onSuccess: () => {
      void message.success(t('duplicates.notSameDone'))
      onChanged()
    },
  })
  return (
    <article className={styles.card} aria-label={survivor?.name}>
      <header className={styles.cardHead}>
        <span className={styles.score} title={t('duplicates.scoreHelp')}>
          {t('duplicates.score', { score: share(cluster.score, lang, 0) })}
        </span>
        {pair ? <Why pair={pair} /> : null}
      </header>
      <CompareTable kind={kind} cluster={cluster} choice={choice} onChoose={setChoice} />
      {join.isError ? <ProblemLine error={join.error} /> : null}
      {apart.isError ? <ProblemLine error={apart.error} /> : null}
      <footer className={styles.foot}>
        <label className={styles.strategy}>
          <span>{t('duplicates.strategy')}</span>
          <Select
            value={choice.strategy}
            aria-label={t('duplicates.strategy')}
            onChange={(strategy) => setChoice({ ...choice, strategy })}
            options={strategies.map((value) => ({ value, label: t(`duplicates.strategies.${value}`) }))}
          />
        </label>
        <span className={styles.actions}>
          <Button loading={apart.isPending} disabled={join.isPending} onClick={() => apart.mutate()}>
            {t('duplicates.notSame')}
          </Button>
          <Button
            type="primary"
            loading={join.isPending}
            disabled={toGo.length === 0 || apart.isPending}
            onClick={() => join.mutate()}
          >
            {t('duplicates.merge', counted(toGo.length + 1, lang))}
          </Button>
        </span>
      </footer>
    </article>
  )
}
