import { useMutation } from '@tanstack/react-query'
import { App } from 'antd'
import { type ReactNode, useEffect } from 'react'
import { countOrNone } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { type ImportRow, undoImport } from './api'
import { JobEnd } from './JobEnd'
import { JobProgress } from './JobProgress'
import { isEnd, useJob } from './use-job'

export type Undo = {
  /** Asks whether an import is to be taken back, and then does it. */
  ask: (row: ImportRow) => void
  isRunning: boolean
  /** How far it is, and what came of it. */
  told: ReactNode
}

/** Takes imports back, one after the other; `onChanged` once one is. */
export function useUndo(onChanged: () => void): Undo {
  const { t, lang } = useTexts()
  const { modal } = App.useApp()
  const undo = useMutation({ mutationFn: undoImport })
  const { job, lost } = useJob(undo.data?.job ?? null)
  const isOver = job !== null && isEnd(job)
  const done = job?.state === 'done'
  useEffect(() => {
    if (done) onChanged()
  }, [done, onChanged])

  const ask = (row: ImportRow) => {
    void modal.confirm({
      title: t('imports.undoTitle', { id: row.id }),
      content: t('imports.undoText', { n: countOrNone(row.counts.entries, lang) }),
      okText: t('imports.undo'),
      okButtonProps: { danger: true },
      onOk: () => {
        undo.mutate(row.id)
      },
    })
  }
  const kept = (job?.result as { kept?: string[] } | null)?.kept ?? []
  const told = (
    <>
      {undo.isError ? <ProblemLine error={undo.error} /> : null}
      {undo.data && !isOver ? <JobProgress job={job} lost={lost} title={t('imports.undoRunning')} /> : null}
      {isOver && !done ? <JobEnd job={job} /> : null}
      {done ? (
        <div role="status">
          <p>{t('imports.undoDone', { n: countOrNone(job.result?.entries, lang) })}</p>
          {kept.length ? <p>{t('imports.kept', { names: kept.join(', ') })}</p> : null}
        </div>
      ) : null}
    </>
  )
  return { ask, isRunning: undo.isPending || (undo.data !== undefined && !isOver), told }
}
