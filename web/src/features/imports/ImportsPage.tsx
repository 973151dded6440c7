import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useCallback, useEffect, useState } from 'react'
import { useMeta } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { PageBody } from '@/shared/ui/Page'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { useAddressValue, useSetAddress } from '@/shared/url/use-view'
import { listImports, type Upload } from './api'
import { EmptyDatabase } from './EmptyDatabase'
import { History } from './History'
import { ImportView } from './ImportView'
import { forgetOldWork } from './kept'
import { Resumed } from './Resumed'
import { Watched } from './RunView'
import { Wizard } from './Wizard'

export const importsKey = ['imports']

export function Page() {
  const { t } = useTexts()
  const { deals } = useMeta()
  const queries = useQueryClient()
  // What the wizard begins with: an upload that was there before, or nothing.
  const [running, setRunning] = useState<{ upload: Upload | null } | null>(null)
  const [job] = useAddressValue('job')
  const [asked] = useAddressValue('import')
  const isAsked = asked !== undefined && /^\d+$/.test(asked)
  const [uploaded, setUploaded] = useAddressValue('upload')
  const setAddress = useSetAddress()
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
  useEffect(() => forgetOldWork(), [])
  // The page of an import is opened from the end of another one, which is over then.
  useEffect(() => {
    if (isAsked) setRunning(null)
  }, [isAsked])
  const begin = () => setRunning({ upload: null })
  const resume = useCallback((upload: Upload) => setRunning({ upload }), [])
  const close = async () => {
    // The address first: while it names an upload, that is taken up again where no wizard is.
    await setAddress({ job: undefined, upload: undefined }, { replace: true })
    setRunning(null)
  }
  const empty = deals === 0 && !imports.data?.some((one) => one.state === 'done')

  if (isAsked) return <ImportView id={Number(asked)} onChanged={changed} />
  if (running) {
    return (
      <PageBody title={t('imports.start')}>
        <Wizard
          resumed={running.upload}
          onUploaded={(upload) => void setAddress({ upload: String(upload), job: undefined }, { replace: true })}
          onBegun={(begun) => void setAddress({ job: String(begun), upload: undefined }, { replace: true })}
          onChanged={changed}
          onClose={() => void close()}
        />
      </PageBody>
    )
  }
  // The page was loaded anew while an import went on: the address holds its job.
  if (job && /^\d+$/.test(job)) {
    return (
      <PageBody title={t('imports.start')}>
        <Watched id={Number(job)} onEnd={onWatchedEnd} onClose={() => void close()} />
      </PageBody>
    )
  }
  if (uploaded && /^\d+$/.test(uploaded)) {
    return (
      <PageBody title={t('imports.start')}>
        <Resumed
          id={Number(uploaded)}
          onFound={resume}
          onAnew={() => {
            setUploaded(undefined)
            begin()
          }}
        />
      </PageBody>
    )
  }
  return (
    <PageBody
      title={t('pages.imports')}
      tools={
        empty ? null : (
          <Button type="primary" onClick={begin}>
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
      {imports.data && empty ? <EmptyDatabase onImport={begin} onChanged={changed} /> : null}
      {imports.data && (imports.data.length > 0 || !empty) ? (
        <History imports={imports.data} onChanged={changed} />
      ) : null}
    </PageBody>
  )
}
