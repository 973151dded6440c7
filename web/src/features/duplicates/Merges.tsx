import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { useInstant } from '@/shared/url/use-instant'
import { listMerges, type Merge, mergesKey, mergesPage, undoMerge, type Unmerged } from './api'
import { Batches } from './Batches'
import styles from './Duplicates.module.css'

/** What was merged so far, and the way to take it back. */
export function Merges({ onChanged }: { onChanged: () => void }) {
  const { t } = useTexts()
  const { modal } = App.useApp()
  const merges = useInfiniteQuery({
    queryKey: [mergesKey],
    queryFn: ({ pageParam }) => listMerges(pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => (page.length < mergesPage ? undefined : page.at(-1)?.id),
  })
  const undo = useMutation({ mutationFn: undoMerge, onSuccess: onChanged })
  const ask = ({ id, record, into }: Merge) => {
    void modal.confirm({
      title: t('duplicates.undoTitle'),
      content: t('duplicates.undoText', { name: record.name, into: into.name }),
      okText: t('duplicates.undo'),
      okButtonProps: { danger: true },
      onOk: () => undo.mutate(id),
    })
  }
  if (merges.isError) return <ProblemLine error={merges.error} />
  if (merges.isPending) {
    return (
      <Waiting>
        <Skeleton height={240} />
      </Waiting>
    )
  }
  const rows = merges.data.pages.flat()
  return (
    <div className={styles.stack}>
      <Batches onChanged={onChanged} />
      {undo.isError ? <ProblemLine error={undo.error} /> : null}
      {undo.data ? <Undone unmerged={undo.data} /> : null}
      <section className={styles.panel} aria-label={t('duplicates.merges')}>
        {rows.length === 0 ? (
          <p className={styles.soft}>{t('duplicates.mergesNone')}</p>
        ) : (
          <MergesTable rows={rows} busy={undo.isPending} onUndo={ask} />
        )}
        {merges.hasNextPage ? (
          <Button loading={merges.isFetchingNextPage} onClick={() => void merges.fetchNextPage()}>
            {t('duplicates.more')}
          </Button>
        ) : null}
      </section>
    </div>
  )
}

type TableProps = { rows: readonly Merge[]; busy: boolean; onUndo: (merge: Merge) => void }

function MergesTable({ rows, busy, onUndo }: TableProps) {
  const { t } = useTexts()
  const at = useInstant()
  return (
    <Scroller>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('duplicates.record')}</th>
            <th scope="col">{t('duplicates.into')}</th>
            <th scope="col">{t('duplicates.sort')}</th>
            <th scope="col">{t('duplicates.at')}</th>
            <th scope="col">{t('duplicates.by')}</th>
            <th scope="col">{t('duplicates.state')}</th>
            <th scope="col" aria-label={t('duplicates.undo')} />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">{row.record.name}</th>
              <td>{row.into.name}</td>
              <td>{t(`duplicates.kinds.${row.kind as 'customers'}`)}</td>
              <td>{at(row.at)}</td>
              <td>{row.actor ?? t('record.bySystem')}</td>
              <td>{t(row.undone_at ? 'duplicates.undone' : 'duplicates.valid')}</td>
              <td>
                {row.undone_at ? null : (
                  <Button size="small" danger disabled={busy} onClick={() => onUndo(row)}>
                    {t('duplicates.undo')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

function Undone({ unmerged: { merge, edits } }: { unmerged: Unmerged }) {
  const { t, say } = useTexts()
  const at = useInstant()
  return (
    <div role="status" className={styles.panel}>
      <p>{t('duplicates.undoDone', { name: merge.record.name })}</p>
      {edits.length ? (
        <>
          <p>{t('duplicates.keptEdits')}</p>
          <ul>
            {edits.map((edit) => (
              <li key={`${edit.at}-${edit.fields.map(say).join('-')}`}>
                {t('duplicates.keptEdit', {
                  at: at(edit.at),
                  by: edit.actor ?? t('record.bySystem'),
                  fields: edit.fields.map(say).join(', '),
                })}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </div>
  )
}
