import { useEffect, useState } from 'react'
import { type Job, readJob } from './api'

/** A job as it goes on, by server-sent events. Where these break off it is asked for until they come again. */
export function useJob(id: number | null): { job: Job | null; lost: boolean } {
  const [job, setJob] = useState<Job | null>(null)
  const [lost, setLost] = useState(false)
  useEffect(() => {
    setJob(null)
    setLost(false)
    if (id === null) return
    const events = new EventSource(`/api/v1/jobs/${id}/events`)
    const take = (text: string) => {
      const next = JSON.parse(text) as Job
      setLost(false)
      setJob(next)
      if (isEnd(next)) events.close()
    }
    events.onmessage = (event) => take(event.data)
    events.addEventListener('job', (event) => take((event as MessageEvent<string>).data))
    events.onerror = () => {
      // Past the end the server closes the stream; the browser comes again by itself otherwise.
      readJob(id).then(
        (next) => {
          setJob(next)
          if (isEnd(next)) events.close()
        },
        () => setLost(true),
      )
    }
    return () => events.close()
  }, [id])
  return { job: job?.id === id ? job : null, lost }
}

export function isEnd(job: Pick<Job, 'state'>): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled'
}
