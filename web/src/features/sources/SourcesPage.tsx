import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useMay } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import { useInstant } from '@/shared/url/use-instant'
import { useAddressValue } from '@/shared/url/use-view'
import { Notice, ProblemLine } from '@/shared/ui/Notice'
import { PageBody } from '@/shared/ui/Page'
import { Scroller } from '@/shared/ui/Scroller'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { listSources, type Source, sourcesKey } from './api'
import { SourceForm } from './SourceForm'
import { SourcePanel } from './SourcePanel'
import styles from './Sources.module.css'

/** How often the list is looked at anew: sources run without anybody. */
const every = 20_000

/** Where rows come from beside files that are sent: the list, and the source that is chosen. */
export function Page() {
  const { t } = useTexts()
  const [chosen, choose] = useAddressValue('source')
  const [adding, setAdding] = useState(false)
  const sources = useQuery({ queryKey: sourcesKey, queryFn: listSources, refetchInterval: every })
  const source = sources.data?.find((one) => String(one.id) === chosen)
  const add = (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t('sources.add')}
    </Button>
  )
  return (
    <PageBody title={t('pages.sources')} tools={sources.data?.length ? add : null}>
      {sources.isError ? <ProblemLine error={sources.error} /> : null}
      {sources.isPending ? (
        <Waiting>
          <Skeleton height={240} />
        </Waiting>
      ) : null}
      {sources.data?.length === 0 ? (
        <Notice title={t('sources.none')} text={t('sources.noneText')}>
          {add}
        </Notice>
      ) : null}
      {sources.data?.length ? <List sources={sources.data} chosen={source?.id ?? null} onChoose={choose} /> : null}
      {source ? <SourcePanel key={source.id} source={source} onGone={() => choose(undefined)} /> : null}
      {adding ? (
        <SourceForm
          source={null}
          onClose={() => setAdding(false)}
          onSaved={(saved) => {
            setAdding(false)
            choose(String(saved.id))
          }}
        />
      ) : null}
    </PageBody>
  )
}

type ListProps = { sources: readonly Source[]; chosen: number | null; onChoose: (id: string) => void }

function List({ sources, chosen, onChoose }: ListProps) {
  const { t } = useTexts()
  const at = useInstant()
  const mayImport = useMay('import')
  return (
    <section className={styles.panel} aria-label={t('sources.list')}>
      <Scroller>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('sources.name')}</th>
              <th scope="col">{t('sources.kind')}</th>
              <th scope="col">{t('sources.place')}</th>
              <th scope="col">{t('sources.secret.title')}</th>
              {mayImport ? <th scope="col">{t('sources.lastRun')}</th> : null}
              <th scope="col">{t('sources.nextRun')}</th>
            </tr>
          </thead>
          <tbody>
            {sources.map((source) => (
              <tr key={source.id}>
                <th scope="row">
                  <Button
                    type="link"
                    size="small"
                    aria-label={t('sources.open', { name: source.name })}
                    aria-current={source.id === chosen || undefined}
                    onClick={() => onChoose(String(source.id))}
                  >
                    {source.name}
                  </Button>
                </th>
                <td>{t(`sources.kinds.${source.kind as 'files'}`)}</td>
                <td data-cell title={source.place}>
                  {source.place}
                </td>
                <td>
                  <SecretState source={source} />
                </td>
                {mayImport ? (
                  <td>
                    <LastRun source={source} />
                  </td>
                ) : null}
                <td>
                  {source.next_at
                    ? at(source.next_at)
                    : t(source.schedule ? 'sources.waitsForImport' : 'sources.byHand')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  )
}

export function SecretState({ source }: { source: Source }) {
  const { t } = useTexts()
  if (!source.takes_secret) return null
  return source.has_secret ? (
    <>{t('sources.secret.set')}</>
  ) : (
    <span className={styles.bad}>{t('sources.secret.missing')}</span>
  )
}

function LastRun({ source }: { source: Source }) {
  const { t } = useTexts()
  const at = useInstant()
  const run = source.last_run
  if (source.is_running) return <>{t('sources.running')}</>
  if (!run) return <>{t('sources.never')}</>
  const bad = ['failed', 'rejected', 'columns'].includes(run.state)
  return (
    <span className={bad ? styles.bad : undefined}>
      {at(run.begun_at)} · {t(`sources.states.${run.state as 'done'}`)}
    </span>
  )
}
