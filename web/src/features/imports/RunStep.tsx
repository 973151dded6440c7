import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useCallback, useEffect, useRef, useState } from 'react'
import { newKey } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { type Recipe, startImport, type Upload } from './api'
import styles from './Imports.module.css'
import { RunView } from './RunView'

type Props = {
  upload: Upload
  recipe: Recipe
  skip: boolean
  /** The job that the import goes on as: it can be watched from elsewhere too. */
  onBegun: (job: number) => void
  onEnd: (done: boolean) => void
  onBack: (isRunning: boolean) => void
  onClose: () => void
}

/** The import itself: begun once, watched to its end, and what came of it. */
export function RunStep({ upload, recipe, skip, onBegun, onEnd, onBack, onClose }: Props) {
  const { t } = useTexts()
  const [key] = useState(newKey)
  const [end, setEnd] = useState<'done' | 'failed' | null>(null)
  const begun = useRef(false)
  const start = useMutation({
    mutationFn: () => startImport(upload.id, recipe, skip, key),
    onSuccess: ({ job }) => onBegun(job),
  })
  const { mutate } = start
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    mutate()
  }, [mutate])
  const ended = useCallback(
    (done: boolean) => {
      setEnd(done ? 'done' : 'failed')
      onEnd(done)
    },
    [onEnd],
  )
  return (
    <>
      {start.isError ? <ProblemLine error={start.error} /> : <RunView id={start.data?.job ?? null} onEnd={ended} />}
      <div className={styles.end}>
        {end === 'done' ? (
          <span />
        ) : (
          <Button onClick={() => onBack(start.isSuccess && end === null)}>{t('imports.back')}</Button>
        )}
        {end || start.isError ? <Button onClick={onClose}>{t('common.close')}</Button> : null}
      </div>
    </>
  )
}
