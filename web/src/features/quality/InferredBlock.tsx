import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { App, Button, Select, Tag } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import type { Inference, Inferred } from '@/shared/api/quality'
import { useMay } from '@/shared/api/queries'
import { onVersion } from '@/shared/api/records'
import { count, share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { JobLine } from '@/shared/jobs/JobLine'
import { Cancelled, useRunJob } from '@/shared/jobs/use-job'
import { useMended } from '@/shared/quality/use-mended'
import { Block } from '@/shared/ui/Block'
import { HintLine, ProblemLine, QuietLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { useView } from '@/shared/url/use-view'
import styles from './quality.module.css'
import { useInferred } from './use-quality'

const accuracies = [0.8, 0.9, 0.95]

/** Industries that names and products tell, for somebody to confirm. */
export function InferredBlock() {
  const { t, lang } = useTexts()
  const { message } = App.useApp()
  const mayEdit = useMay('edit_customers')
  const [accuracy, setAccuracy] = useState(0.9)
  const { query: inferred, at: learning } = useInferred(accuracy)
  const { at: writing, run } = useRunJob()
  const mended = useMended()
  const write = useMutation({
    mutationFn: async () => {
      const { job } = await ok(api.POST('/api/v1/quality/inferred', { params: { query: { accuracy } } }))
      return (await run(job)).result as unknown as { customers: number }
    },
    onSuccess: ({ customers }) => {
      void message.success(t('quality.inferredWritten', { n: count(customers, lang) }))
      void mended()
    },
  })
  const rows = inferred.data?.rows ?? []
  return (
    <Block
      title={t('quality.inferred')}
      note={inferred.data ? t('quality.fixesCount', { n: count(inferred.data.proposals, lang) }) : undefined}
      tools={
        <>
          <Select
            size="small"
            aria-label={t('quality.accuracy')}
            value={accuracy}
            options={accuracies.map((value) => ({
              value,
              label: t('quality.rightIn', { share: share(value, lang, 0) }),
            }))}
            onChange={setAccuracy}
          />
          {mayEdit && rows.some((row) => !row.written) ? (
            <Button size="small" loading={write.isPending} onClick={() => write.mutate()}>
              {t('quality.writeInferred')}
            </Button>
          ) : null}
        </>
      }
    >
      {learning ? <JobLine at={learning} title={t('quality.learning')} /> : null}
      {writing ? <JobLine at={writing} title={t('quality.writing')} /> : null}
      {inferred.isError ? <Failed error={inferred.error} onAgain={() => void inferred.refetch()} /> : null}
      {write.isError ? <Failed error={write.error} onAgain={() => write.mutate()} /> : null}
      {inferred.isPending && !learning ? (
        <Waiting>
          <Skeleton height={120} />
        </Waiting>
      ) : null}
      {inferred.data ? <Word state={inferred.data.state} /> : null}
      {inferred.data && rows.length === 0 && !inferred.data.state.too_little ? (
        <QuietLine>{t('quality.noneInferred')}</QuietLine>
      ) : null}
      {rows.length ? (
        <Scroller style={{ maxHeight: 420 }}>
          <table className={styles.table} aria-label={t('quality.inferred')}>
            <thead>
              <tr>
                <th scope="col">{t('quality.customer')}</th>
                <th scope="col">{t('quality.industry')}</th>
                <th scope="col" data-numeric>
                  {t('quality.confidence')}
                </th>
                <th scope="col" />
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Proposal key={row.account.id} row={row} mayEdit={mayEdit} />
              ))}
            </tbody>
          </table>
        </Scroller>
      ) : null}
    </Block>
  )
}

/** What went wrong, or that it was stopped. */
function Failed({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  const { t } = useTexts()
  if (!(error instanceof Cancelled)) return <ProblemLine error={error} />
  return <HintLine text={t('quality.stopped')} action={t('quality.again')} onAction={onAgain} />
}

/** How far the classifier's word goes, or why it says nothing. */
function Word({ state }: { state: Inference }) {
  const { t, lang, say } = useTexts()
  if (state.too_little) return <QuietLine>{say(state.too_little)}</QuietLine>
  const { accuracy, coverage, accuracy_lower: lower, accuracy_upper: upper } = state
  if (typeof accuracy !== 'number' || typeof coverage !== 'number') return null
  return (
    <p className={styles.soft}>
      {t('quality.inferredWord', {
        asked: count(state.asked ?? 0, lang),
        coverage: share(coverage, lang, 0),
        accuracy: share(accuracy, lang),
        lower: share(lower ?? accuracy, lang),
        upper: share(upper ?? accuracy, lang),
      })}
    </p>
  )
}

function Proposal({ row, mayEdit }: { row: Inferred; mayEdit: boolean }) {
  const { t, lang } = useTexts()
  const view = useView()
  const mended = useMended()
  const decide = useMutation({
    mutationFn: (confirm: boolean) =>
      ok(
        api.PUT('/api/v1/quality/inferred/{id}', {
          params: { path: { id: row.account.id }, header: onVersion(row.version) },
          body: { industry: row.industry.id, confirm },
        }),
      ),
    onSettled: () => void mended(),
  })
  return (
    <tr>
      <th scope="row">
        <Link to={`/customers/${row.account.id}` as never} search={view as never}>
          {row.account.name}
        </Link>
      </th>
      <td>
        {row.industry.name} <Tag>{t('quality.inferredMark')}</Tag>
        {decide.isError ? <ProblemLine error={decide.error} /> : null}
      </td>
      <td data-numeric>{share(row.confidence, lang, 0)}</td>
      <td data-actions>
        {mayEdit ? (
          <>
            <Button size="small" loading={decide.isPending} onClick={() => decide.mutate(true)}>
              {t('quality.confirm')}
            </Button>{' '}
            <Button size="small" type="text" disabled={decide.isPending} onClick={() => decide.mutate(false)}>
              {t('quality.reject')}
            </Button>
          </>
        ) : null}
      </td>
    </tr>
  )
}
