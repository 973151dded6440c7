import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useMeta } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { PageBody } from '@/shared/ui/Page'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { listImports } from './api'
import { EmptyDatabase } from './EmptyDatabase'
import { History } from './History'
import { Wizard } from './Wizard'

export const importsKey = ['imports']

export function Page() {
  const { t } = useTexts()
  const { deals } = useMeta()
  const queries = useQueryClient()
  const [running, setRunning] = useState(false)
  const imports = useQuery({ queryKey: importsKey, queryFn: listImports })
  // Whatever came in or went out, every number may be another one.
  const changed = () => void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
  const empty = deals === 0 && !imports.data?.some((one) => one.state === 'done')

  if (running) {
    return (
      <PageBody title={t('imports.start')}>
        <Wizard onChanged={changed} onClose={() => setRunning(false)} />
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
