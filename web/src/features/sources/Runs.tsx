import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { App, Button } from 'antd'
import { useMay } from '@/shared/api/queries'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { useInstant } from '@/shared/url/use-instant'
import { ProblemLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { changeSource, type Run, runsOf, type Source, sourcesKey } from './api'
import styles from './Sources.module.css'

/** The latest pulls and runs of a source, with what happened; an import of the studio can be kept as the way to go on. */
export function Runs({ source, onChanged }: { source: Source; onChanged: () => void }) {
  const { t, lang, say } = useTexts()
  const { message } = App.useApp()
  const at = useInstant()
  const mayImport = useMay('import')
  const runs = useQuery({
    queryKey: [...sourcesKey, source.id, source.last_run?.id, source.last_run?.state],
    queryFn: () => runsOf(source.id),
  })
  const keep = useMutation({
    mutationFn: (run: Run) => changeSource(source, { like_import: run.imports.at(-1) ?? null }),
    onSuccess: () => void message.success(t('sources.likeThisDone')),
    onSettled: onChanged,
  })
  // Only the latest way of importing is of use.
  const latest = runs.data?.find((run) => run.cause === 'studio' && run.imports.length > 0)
  return (
    <section className={styles.panel} aria-label={t('sources.history')}>
      <h2>{t('sources.history')}</h2>
      {runs.isError ? <ProblemLine error={runs.error} /> : null}
      {keep.isError ? <ProblemLine error={keep.error} /> : null}
      {runs.data?.length === 0 ? <p className={styles.soft}>{t('sources.noRuns')}</p> : null}
      {runs.data?.length ? (
        <Scroller>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('sources.begun')}</th>
                <th scope="col">{t('sources.by')}</th>
                <th scope="col">{t('sources.result')}</th>
                <th scope="col" data-numeric>
                  {t('sources.rows')}
                </th>
                <th scope="col">{t('sources.message')}</th>
                <th scope="col">{t('sources.import')}</th>
              </tr>
            </thead>
            <tbody>
              {runs.data.map((run) => (
                <tr key={run.id}>
                  <th scope="row" data-time>
                    {at(run.begun_at)}
                  </th>
                  <td>
                    {t(`sources.causes.${run.cause as 'person'}`)}
                    {run.cause === 'schedule' ? '' : ` · ${run.actor}`}
                  </td>
                  <td>{t(`sources.states.${run.state as 'done'}`)}</td>
                  <td data-numeric>{typeof run.rows === 'number' ? count(run.rows, lang) : ''}</td>
                  <td className={styles.message}>
                    {say(run.message)} <span className={styles.soft}>{say(run.hint)}</span>
                  </td>
                  <td>
                    <span className={styles.row}>
                      {run.imports.map((id) => (
                        <Link key={id} to={'/imports' as never}>
                          #{id}
                        </Link>
                      ))}
                      {mayImport && run === latest ? (
                        <Button size="small" loading={keep.isPending} onClick={() => keep.mutate(run)}>
                          {t('sources.likeThis')}
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
  )
}
