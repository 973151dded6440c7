import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { JobLine } from '@/shared/jobs/JobLine'
import { Cancelled, useRunJob } from '@/shared/jobs/use-job'
import { ProblemLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { useInstant } from '@/shared/url/use-instant'
import { type Batch, batchesKey, listBatches, undoBatch } from './api'
import styles from './Duplicates.module.css'

type Undone = { back: number; edited: number }

/** What was merged at once, and the way to take all of it back. Nothing where there was none. */
export function Batches({ onChanged }: { onChanged: () => void }) {
  const { t, lang } = useTexts()
  const { modal } = App.useApp()
  const { at, run } = useRunJob()
  const batches = useQuery({ queryKey: [batchesKey], queryFn: listBatches })
  const undo = useMutation({
    mutationFn: async (id: number) => (await run(await undoBatch(id))).result as unknown as Undone,
    onSuccess: onChanged,
  })
  const ask = (batch: Batch) => {
    void modal.confirm({
      title: t('duplicates.undoAllTitle', { n: count(batch.merges - batch.undone, lang) }),
      content: t('duplicates.undoAllText'),
      okText: t('duplicates.undoAll'),
      okButtonProps: { danger: true },
      onOk: () => undo.mutate(batch.id),
    })
  }
  if (batches.isError) return <ProblemLine error={batches.error} />
  if (!batches.data?.length) return null
  return (
    <section className={`${styles.panel} ${styles.stack}`} aria-label={t('duplicates.batches')}>
      <h2 className={styles.head}>{t('duplicates.batches')}</h2>
      {at ? <JobLine at={at} title={t('duplicates.undoing')} /> : null}
      {undo.error instanceof Cancelled ? <p role="status">{t('duplicates.stopped')}</p> : null}
      {undo.error && !(undo.error instanceof Cancelled) ? <ProblemLine error={undo.error} /> : null}
      {undo.data ? (
        <p role="status">
          {t('duplicates.undoAllDone', { n: count(undo.data.back, lang) })}
          {undo.data.edited ? ` ${t('duplicates.undoAllEdited', { n: count(undo.data.edited, lang) })}` : null}
        </p>
      ) : null}
      <BatchesTable rows={batches.data} busy={undo.isPending} onUndo={ask} />
    </section>
  )
}

type TableProps = { rows: readonly Batch[]; busy: boolean; onUndo: (batch: Batch) => void }

function BatchesTable({ rows, busy, onUndo }: TableProps) {
  const { t, lang } = useTexts()
  const at = useInstant()
  return (
    <Scroller>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('duplicates.at')}</th>
            <th scope="col">{t('duplicates.sort')}</th>
            <th scope="col">{t('duplicates.went')}</th>
            <th scope="col">{t('duplicates.back')}</th>
            <th scope="col">{t('duplicates.by')}</th>
            <th scope="col" aria-label={t('duplicates.undoAll')} />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">{at(row.at)}</th>
              <td>{t(`duplicates.kinds.${row.kind as 'customers'}`)}</td>
              <td>{count(row.merges, lang)}</td>
              <td>{count(row.undone, lang)}</td>
              <td>{row.actor ?? t('record.bySystem')}</td>
              <td>
                {row.undone < row.merges ? (
                  <Button size="small" danger disabled={busy} onClick={() => onUndo(row)}>
                    {t('duplicates.undoAll')}
                  </Button>
                ) : (
                  t('duplicates.undone')
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}
