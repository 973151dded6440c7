import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { App, Button, Pagination } from 'antd'
import { useState } from 'react'
import { AnswerState } from '@/shared/answer/AnswerState'
import { count, share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Notice } from '@/shared/ui/Notice'
import { useView } from '@/shared/url/use-view'
import { duplicatesKey, findDuplicates, type Found as Answer, type Kind, pageSize, undoMerge } from './api'
import { ClusterCard } from './ClusterCard'
import styles from './Duplicates.module.css'

type Props = {
  kind: Kind
  score: number
  lower: number | null
  onScore: (score: number) => void
  onChanged: () => void
}

/** The groups that were found, a page at a time. */
export function Found({ kind, score, lower, onScore, onChanged }: Props) {
  const { t } = useTexts()
  const { message } = App.useApp()
  const [page, setPage] = useState(1)
  const query = useQuery({
    queryKey: [duplicatesKey, kind, score, page],
    queryFn: () => findDuplicates(kind, score, (page - 1) * pageSize),
    placeholderData: keepPreviousData,
  })
  const merged = (name: string, merges: number[]) => {
    const key = `merged-${merges.join('-')}`
    const undo = async () => {
      message.destroy(key)
      // The latest first, as they were made.
      for (const id of [...merges].reverse()) await undoMerge(id)
      onChanged()
    }
    void message.success({
      key,
      duration: 8,
      content: (
        <span className={styles.toast}>
          {t('duplicates.merged', { name })}
          <Button size="small" type="link" onClick={() => void undo()}>
            {t('duplicates.undo')}
          </Button>
        </span>
      ),
    })
    onChanged()
  }
  return (
    <AnswerState query={query} height={320}>
      {(found) => (
        <div className={styles.stack}>
          <Summary found={found} score={score} lower={lower} onScore={onScore} />
          {found.rows.map((cluster) => (
            <ClusterCard
              key={cluster.records.map(({ id, version }) => `${id}.${version}`).join('-')}
              kind={kind}
              cluster={cluster}
              onChanged={onChanged}
              onMerged={merged}
            />
          ))}
          {found.clusters > pageSize ? (
            <Pagination
              current={page}
              pageSize={pageSize}
              total={found.clusters}
              showSizeChanger={false}
              onChange={setPage}
            />
          ) : null}
        </div>
      )}
    </AnswerState>
  )
}

type SummaryProps = Pick<Props, 'score' | 'lower' | 'onScore'> & { found: Answer }

function Summary({ found, score, lower, onScore }: SummaryProps) {
  const { t, lang } = useTexts()
  const view = useView()
  if (found.compared === 0) {
    return (
      <Notice title={t('duplicates.nothing')} text={t('duplicates.nothingText')}>
        <Link to={'/imports' as never} search={view as never}>
          {t('duplicates.toImports')}
        </Link>
      </Notice>
    )
  }
  const compared = count(found.compared, lang)
  if (found.clusters === 0) {
    return (
      <p className={styles.summary} role="status">
        {t('duplicates.none', { compared, score: share(score, lang, 0) })}{' '}
        {lower === null ? null : (
          <Button size="small" onClick={() => onScore(lower)}>
            {t('duplicates.lower', { score: share(lower, lang, 0) })}
          </Button>
        )}
      </p>
    )
  }
  return (
    <div className={styles.summary}>
      <p role="status">
        {t('duplicates.summary', {
          compared,
          clusters: count(found.clusters, lang),
          fewer: count(found.superfluous, lang),
        })}
      </p>
      <p className={styles.soft}>{t('duplicates.filled')}</p>
    </div>
  )
}
