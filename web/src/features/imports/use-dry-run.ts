import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { cancelJob, type Counts, issuesOf, type Preview, preview as dryRun, type Recipe, type Upload } from './api'
import { isEnd, useJob } from './use-job'

/**
 * Checks the files once, unless that was done already. What takes long goes on as a job, and is told with the same
 * rows in the end. Whoever leaves before that wants it no longer: it is cancelled.
 */
export function useDryRun(
  upload: Upload,
  recipe: Recipe,
  preview: Preview | null,
  onPreview: (preview: Preview) => void,
) {
  const begun = useRef(false)
  const left = useRef(false)
  const open = useRef<number | null>(null)
  const check = useMutation({
    mutationFn: async () => {
      const answer = await dryRun(upload.id, recipe)
      if ('counts' in answer) {
        // The answer has only the first ones.
        const isWhole = answer.issues.length === answer.issues_total
        const { issues } = isWhole ? answer : await issuesOf(answer.job)
        onPreview({ ...answer, issues, counts: answer.counts as Counts })
      } else if (left.current) stop(answer.job)
      else open.current = answer.job
      return answer
    },
  })
  const { job, lost } = useJob(check.data && !('counts' in check.data) ? check.data.job : null)
  const { mutate } = check
  useEffect(() => {
    left.current = false
    if (!preview && !begun.current) {
      begun.current = true
      mutate()
    }
  }, [preview, mutate])
  useEffect(() => {
    if (job && isEnd(job)) open.current = null
  }, [job])
  useEffect(
    () => () => {
      left.current = true
      if (open.current !== null) stop(open.current)
    },
    [],
  )
  const done = job?.state === 'done' ? job : null
  const found = useQuery({
    queryKey: ['job-issues', done?.id],
    queryFn: () => issuesOf(done?.id ?? 0),
    enabled: done !== null,
  })
  const issues = found.data
  useEffect(() => {
    if (done?.result && issues) onPreview({ ...issues, counts: done.result as Counts, job: done.id })
  }, [done, issues, onPreview])
  return { job, lost, error: check.error ?? found.error }
}

function stop(job: number): void {
  void cancelJob(job).catch(() => undefined)
}
