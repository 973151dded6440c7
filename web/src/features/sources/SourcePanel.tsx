import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button, Popconfirm } from 'antd'
import { useCallback, useState } from 'react'
import { useMay } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { pullSource, removeSource, runSource, type Source, sourcesKey, startOver, testSource } from './api'
import { Rows } from './Rows'
import { Running } from './Running'
import { Runs } from './Runs'
import { SecretDialog } from './SecretDialog'
import { SourceForm } from './SourceForm'
import styles from './Sources.module.css'
import { SecretState } from './SourcesPage'

/** One source: what it is, what can be done with it, and what came of that so far. */
export function SourcePanel({ source, onGone }: { source: Source; onGone: () => void }) {
  const { t } = useTexts()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const [mayImport, mayAdminister] = [useMay('import'), useMay('administer')]
  const [dialog, setDialog] = useState<'form' | 'secret' | null>(null)
  const [job, setJob] = useState<number | null>(null)
  const changed = useCallback(() => void queries.invalidateQueries({ queryKey: sourcesKey }), [queries])
  const test = useMutation({ mutationFn: () => testSource(source.id) })
  const pull = useMutation({ mutationFn: () => pullSource(source.id), onSuccess: (begun) => setJob(begun.job) })
  const run = useMutation({ mutationFn: () => runSource(source.id), onSuccess: (begun) => setJob(begun.job) })
  const restart = useMutation({
    mutationFn: () => startOver(source.id),
    onSuccess: () => void message.success(t('sources.startedOver')),
    onSettled: changed,
  })
  const remove = useMutation({ mutationFn: () => removeSource(source), onSuccess: onGone, onSettled: changed })
  const problem = pull.error ?? run.error ?? restart.error ?? remove.error
  return (
    <>
      <section className={`${styles.panel} ${styles.stack}`} aria-label={t('sources.whole', { name: source.name })}>
        <div className={styles.head}>
          <h2>{source.name}</h2>
          <div className={styles.row}>
            <Button onClick={() => setDialog('form')}>{t('sources.edit')}</Button>
            {mayAdminister && source.takes_secret ? (
              <Button onClick={() => setDialog('secret')}>{t('sources.secret.change')}</Button>
            ) : null}
            {mayAdminister || !source.takes_secret ? (
              <Popconfirm
                title={t('sources.removeSure', { name: source.name })}
                okText={t('sources.remove')}
                onConfirm={() => remove.mutate()}
              >
                <Button danger>{t('sources.remove')}</Button>
              </Popconfirm>
            ) : null}
          </div>
        </div>
        <Facts source={source} />
        {mayImport ? (
          <div className={styles.row}>
            <Button loading={test.isPending} onClick={() => test.mutate()}>
              {t('sources.test')}
            </Button>
            <Button
              type={source.profile ? 'default' : 'primary'}
              loading={pull.isPending}
              onClick={() => pull.mutate()}
            >
              {t('sources.pull')}
            </Button>
            {source.profile ? (
              <Button type="primary" loading={run.isPending} onClick={() => run.mutate()}>
                {t('sources.run')}
              </Button>
            ) : null}
            {source.last_run ? (
              <Popconfirm title={t('sources.startOverSure')} onConfirm={() => restart.mutate()}>
                <Button>{t('sources.startOver')}</Button>
              </Popconfirm>
            ) : null}
          </div>
        ) : null}
        {source.profile ? null : <p className={styles.soft}>{t('sources.noProfile')}</p>}
        {problem ? <ProblemLine error={problem} /> : null}
        {job === null ? null : <Running id={job} onEnd={changed} />}
        {test.isError ? <ProblemLine error={test.error} /> : null}
        {test.data ? <Rows found={test.data} /> : null}
      </section>
      <Runs source={source} onChanged={changed} />
      {dialog === 'form' ? (
        <SourceForm source={source} onClose={() => setDialog(null)} onSaved={() => setDialog(null)} />
      ) : null}
      {dialog === 'secret' ? <SecretDialog source={source} onClose={() => setDialog(null)} /> : null}
    </>
  )
}

function Facts({ source }: { source: Source }) {
  const { t } = useTexts()
  return (
    <dl className={styles.facts}>
      <dt>{t('sources.place')}</dt>
      <dd>
        {t(`sources.kinds.${source.kind as 'files'}`)} · {source.place}
      </dd>
      {source.takes_secret ? (
        <>
          <dt>{t('sources.secret.title')}</dt>
          <dd>
            <SecretState source={source} />
          </dd>
        </>
      ) : null}
      <dt>{t('sources.import')}</dt>
      <dd>
        {source.profile ? t('sources.profile', { name: source.profile }) : t('sources.waitsForImport')}
        {source.came_to ? ` · ${t('sources.cameTo', { mark: source.came_to })}` : ''}
        {source.last_run ? '' : ` · ${t('sources.fromStart')}`}
      </dd>
    </dl>
  )
}
