import { useMutation } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { useEffect } from 'react'
import { asNumber, count, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { profileName } from '@/shared/records/profile-name'
import { useInstant } from '@/shared/url/use-instant'
import { ProblemLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { type ImportRow, undoImport } from './api'
import styles from './Imports.module.css'
import { JobEnd } from './JobEnd'
import { JobProgress } from './JobProgress'
import { isEnd, useJob } from './use-job'

/** What was imported so far, and the way to take it back. */
export function History({ imports, onChanged }: { imports: readonly ImportRow[]; onChanged: () => void }) {
  const { t, lang } = useTexts()
  const at = useInstant()
  const { modal } = App.useApp()
  const undo = useMutation({ mutationFn: undoImport })
  const { job, lost } = useJob(undo.data?.job ?? null)
  const done = job?.state === 'done'
  useEffect(() => {
    if (done) onChanged()
  }, [done, onChanged])

  const ask = (row: ImportRow) => {
    void modal.confirm({
      title: t('imports.undoTitle', { id: row.id }),
      content: t('imports.undoText', { n: shown(row.counts.entries, lang) }),
      okText: t('imports.undo'),
      okButtonProps: { danger: true },
      onOk: () => {
        undo.mutate(row.id)
      },
    })
  }
  const kept = (job?.result as { kept?: string[] } | null)?.kept ?? []
  return (
    <div className={styles.stack}>
      {undo.isError ? <ProblemLine error={undo.error} /> : null}
      {undo.data && !(job && isEnd(job)) ? (
        <JobProgress job={job} lost={lost} title={t('imports.undoRunning')} />
      ) : null}
      {job && isEnd(job) && !done ? <JobEnd job={job} /> : null}
      {done ? (
        <div role="status">
          <p>{t('imports.undoDone', { n: shown(job.result?.entries, lang) })}</p>
          {kept.length ? <p>{t('imports.kept', { names: kept.join(', ') })}</p> : null}
        </div>
      ) : null}
      <section className={styles.panel} aria-label={t('imports.history')}>
        <h2>{t('imports.history')}</h2>
        {imports.length === 0 ? <p className={styles.soft}>{t('imports.none')}</p> : null}
        {imports.length > 0 ? (
          <Scroller>
            <table className={styles.table}>
              <thead>
                <tr>
                  <th scope="col">{t('imports.files')}</th>
                  <th scope="col">{t('imports.profile')}</th>
                  <th scope="col">{t('imports.at')}</th>
                  <th scope="col">{t('imports.by')}</th>
                  <th scope="col" data-numeric>
                    {t('common.deals')}
                  </th>
                  <th scope="col">{t('imports.state')}</th>
                  <th scope="col" aria-label={t('imports.undo')} />
                </tr>
              </thead>
              <tbody>
                {imports.map((row) => (
                  <tr key={row.id}>
                    <th scope="row">{row.files.join(', ') || row.source}</th>
                    <td>{profileName(row.profile, t)}</td>
                    <td>{at(row.at)}</td>
                    <td>{row.actor ?? t('record.bySystem')}</td>
                    <td data-numeric>{shown(row.counts.opportunities, lang)}</td>
                    <td>{t(row.state === 'undone' ? 'imports.undone' : 'imports.valid')}</td>
                    <td>
                      <span className={styles.row}>
                        {(asNumber(row.counts.rows_rejected) ?? 0) > 0 ? (
                          <a href={`/api/v1/imports/${row.id}/rejects`} download>
                            {t('imports.rejects')}
                          </a>
                        ) : null}
                        {row.state === 'done' ? (
                          <Button
                            size="small"
                            danger
                            disabled={
                              row.blocked_by.length > 0 || undo.isPending || (undo.data && !(job && isEnd(job)))
                            }
                            title={
                              row.blocked_by.length
                                ? t('imports.undoBlocked', { ids: row.blocked_by.join(', ') })
                                : undefined
                            }
                            onClick={() => ask(row)}
                          >
                            {t('imports.undo')}
                          </Button>
                        ) : null}
                      </span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroller>
        ) : null}
      </section>
    </div>
  )
}

function shown(value: unknown, lang: 'zh' | 'en'): string {
  const number = asNumber(value)
  return number === null ? undefinedMark : count(number, lang)
}
