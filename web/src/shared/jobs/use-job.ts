import { useEffect, useState } from 'react'
import { api, ok } from '../api/client'
import { ApiProblem } from '../api/problem'
import type { components } from '../api/schema'

export type Job = components['schemas']['JobBody']

export const readJob = (id: number) => ok(api.GET('/api/v1/jobs/{id}', { params: { path: { id } } }))

export const cancelJob = (id: number) => ok(api.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id } } }))

type Watched = { job: Job | null; lost: boolean; gone: boolean }

const nothing: Watched = { job: null, lost: false, gone: false }

/**
 * A job as it goes on, by server-sent events. Where these break off (`lost`) it is asked for until they come again; one
 * that the server knows no longer is `gone`.
 */
export function useJob(id: number | null): Watched {
  const [watched, setWatched] = useState(nothing)
  useEffect(() => {
    setWatched(nothing)
    if (id === null) return
    const events = new EventSource(`/api/v1/jobs/${id}/events`)
    const take = (next: Job) => {
      setWatched({ job: next, lost: false, gone: false })
      if (isEnd(next)) events.close()
    }
    const read = (event: MessageEvent<string>) => take(JSON.parse(event.data) as Job)
    events.onmessage = read
    events.addEventListener('job', read as EventListener)
    events.onerror = () => {
      // Past the end the server closes the stream; the browser comes again by itself otherwise.
      readJob(id).then(take, (error: unknown) => {
        const gone = error instanceof ApiProblem && error.status === 404
        if (gone) events.close()
        setWatched((before) => ({ ...before, lost: !gone, gone }))
      })
    }
    return () => events.close()
  }, [id])
  return watched.job === null || watched.job.id === id ? watched : nothing
}

export function isEnd(job: Pick<Job, 'state'>): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled'
}
