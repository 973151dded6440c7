import { Link } from '@tanstack/react-router'
import { App, Button, Pagination } from 'antd'
import { useState } from 'react'
import { AnswerState } from '@/shared/answer/AnswerState'
import { count, share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { JobLine } from '@/shared/jobs/JobLine'
import { Cancelled, jobDone } from '@/shared/jobs/use-job'
import { HintLine, Notice, useProblemWords } from '@/shared/ui/Notice'
import { useView } from '@/shared/url/use-view'
import { type Found as Answer, type Kind, type MergedAll, pageSize, undoBatch } from './api'
import { ClusterCard } from './ClusterCard'
import styles from './Duplicates.module.css'
import { MergeAll } from './MergeAll'
import { useFound } from './use-found'

type Props = {
  kind: Kind
  score: number
  lower: number | null
  onScore: (score: number) => void
  onChanged: () => void
}

/** The groups that were found, a page at a time. */
export function Found({ kind, score, lower, onScore, onChanged }: Props) {
  const { t, lang } = useTexts()
  const { message } = App.useApp()
  const [page, setPage] = useState(1)
  const { query, at } = useFound(kind, score, page)
  const words = useProblemWords()
  const done = (text: string, batch: number) => {
    const key = `merged-${batch}`
    const undo = async () => {
      message.destroy(key)
      const undone = undoBatch(batch).then((begun) => jobDone(begun))
      await undone.catch((error: unknown) => void message.error([words(error).detail, words(error).hint].join(' ')))
      onChanged()
    }
    void message.success({
      key,
      duration: 8,
      content: (
        <span className={styles.toast}>
          {text}
          <Button size="small" type="link" onClick={() => void undo()}>
            {t('duplicates.undo')}
          </Button>
        </span>
      ),
    })
    onChanged()
  }
  const mergedAll = ({ merged, batch }: MergedAll) => {
    if (batch !== null) done(t('duplicates.allDone', { n: count(merged, lang) }), batch)
  }
  const looking = at ? <JobLine at={at} title={t('duplicates.looking')} /> : null
  if (query.error instanceof Cancelled) {
    return (
      <HintLine
        text={t('duplicates.stopped')}
        action={t('duplicates.lookAgain')}
        onAction={() => void query.refetch()}
      />
    )
  }
  if (query.isPending && looking) return looking
  return (
    <AnswerState query={query} height={320}>
      {(found) => (
        <div className={styles.stack}>
          {looking}
          <Summary found={found} score={score} lower={lower} onScore={onScore} />
          {found.clusters > 1 ? (
            <div className={styles.tools}>
              <MergeAll kind={kind} score={score} onMerged={mergedAll} />
            </div>
          ) : null}
          {found.rows.map((cluster) => (
            <ClusterCard
              key={cluster.records.map(({ id, version }) => `${id}.${version}`).join('-')}
              kind={kind}
              cluster={cluster}
              onChanged={onChanged}
              onMerged={(name, merges) => merges[0] && done(t('duplicates.merged', { name }), merges[0])}
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
