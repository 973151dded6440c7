import { useQuery } from '@tanstack/react-query'
import { Checkbox, Modal } from 'antd'
import { useState } from 'react'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { filesKey, type Spelling, spellings } from '../api'
import styles from '../Imports.module.css'
import own from './Studio.module.css'

type Props = {
  upload: number
  ask: Parameters<typeof spellings>[1]
  onClose: () => void
  /** The spellings that were confirmed: new values by old ones. */
  onValues: (values: Record<string, string>) => void
}

/** Spellings of one value in a column, proposed, and confirmed once: a step remembers them. */
export function Spellings({ upload, ask, onClose, onValues }: Props) {
  const { t } = useTexts()
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const found = useQuery({
    queryKey: [...filesKey(upload), 'spellings', JSON.stringify(ask)],
    queryFn: () => spellings(upload, ask),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const clusters = found.data?.clusters ?? []
  const values = confirmed(clusters, left)
  const turn = (value: string) => {
    const next = new Set(left)
    if (!next.delete(value)) next.add(value)
    setLeft(next)
  }
  return (
    <Modal
      open
      title={t('studio.spellings.title', { name: ask.column })}
      okText={t('studio.spellings.take')}
      okButtonProps={{ disabled: Object.keys(values).length === 0 }}
      cancelText={t('common.cancel')}
      onOk={() => onValues(values)}
      onCancel={onClose}
    >
      {found.isPending ? (
        <Waiting>
          <Skeleton height={120} />
        </Waiting>
      ) : null}
      {found.isError ? <ProblemLine error={found.error} /> : null}
      {found.data && clusters.length === 0 ? <p>{t('studio.spellings.none')}</p> : null}
      {clusters.length > 0 ? <p className={styles.soft}>{t('studio.spellings.what')}</p> : null}
      {found.data?.is_cut ? <p className={styles.warn}>{t('studio.spellings.cut')}</p> : null}
      {clusters.map((cluster) => (
        <Cluster key={cluster.survivor} cluster={cluster} left={left} onTurn={turn} />
      ))}
    </Modal>
  )
}

function Cluster({
  cluster,
  left,
  onTurn,
}: {
  cluster: Spelling
  left: ReadonlySet<string>
  onTurn: (value: string) => void
}) {
  const { t, lang } = useTexts()
  return (
    <fieldset className={own.cluster}>
      <legend>
        {cluster.survivor} <span className={styles.soft}>{count(cluster.count, lang)}</span>
      </legend>
      {cluster.members.map(({ value, count: n, reason }) => (
        <div key={value}>
          <Checkbox checked={!left.has(value)} onChange={() => onTurn(value)}>
            {value}{' '}
            <span className={styles.soft}>{`${count(n, lang)} · ${t(`studio.spellings.${reason as Why}`)}`}</span>
          </Checkbox>
        </div>
      ))}
    </fieldset>
  )
}

type Why = 'spaces' | 'case' | 'width' | 'punctuation' | 'legal_form' | 'word_order' | 'misspelling'

/** New values by old ones, without those that were left out. */
export function confirmed(clusters: readonly Spelling[], left: ReadonlySet<string>): Record<string, string> {
  const pairs = clusters.flatMap(({ survivor, members }) => members.map(({ value }) => [value, survivor] as const))
  return Object.fromEntries(pairs.filter(([value]) => !left.has(value)))
}
