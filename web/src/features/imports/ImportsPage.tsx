import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useCallback, useState } from 'react'
import { useMeta } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { PageBody } from '@/shared/ui/Page'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { useAddressValue } from '@/shared/url/use-view'
import { listImports } from './api'
import { EmptyDatabase } from './EmptyDatabase'
import { History } from './History'
import { Watched } from './RunView'
import { Wizard } from './Wizard'

export const importsKey = ['imports']

export function Page() {
  const { t } = useTexts()
  const { deals } = useMeta()
  const queries = useQueryClient()
  const [running, setRunning] = useState(false)
  const [job, setJob] = useAddressValue('job')
  const imports = useQuery({ queryKey: importsKey, queryFn: listImports })
  // Whatever came in or went out, every number may be another one.
  const changed = useCallback(
    () => void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' }),
    [queries],
  )
  const onWatchedEnd = useCallback(
    (done: boolean) => {
      if (done) changed()
    },
    [changed],
  )
  const close = () => {
    setRunning(false)
    setJob(undefined)
  }
  const empty = deals === 0 && !imports.data?.some((one) => one.state === 'done')

  if (running) {
    return (
      <PageBody title={t('imports.start')}>
        <Wizard onBegun={(begun) => setJob(String(begun))} onChanged={changed} onClose={close} />
      </PageBody>
    )
  }
  // The page was loaded anew while an import went on: the address holds its job.
  if (job && /^\d+$/.test(job)) {
    return (
      <PageBody title={t('imports.start')}>
        <Watched id={Number(job)} onEnd={onWatchedEnd} onClose={close} />
      </PageBody>
    )
  }
  return (
    <PageBody
      title={t('pages.imports')}
      tools={
        empty ? null : (
          <Button type="primary" onClick={() => setRunning(true)}>
            {t('imports.start')}
          </Button>
        )
      }
    >
      {imports.isError ? <ProblemLine error={imports.error} /> : null}
      {imports.isPending ? (
        <Waiting>
          <Skeleton height={240} />
        </Waiting>
      ) : null}
      {imports.data && empty ? <EmptyDatabase onImport={() => setRunning(true)} onChanged={changed} /> : null}
      {imports.data && (imports.data.length > 0 || !empty) ? (
        <History imports={imports.data} onChanged={changed} />
      ) : null}
    </PageBody>
  )
}
