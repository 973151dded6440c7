import { useCallback, useEffect, useState } from 'react'
import { api, ok } from '../api/client'
import { ApiProblem, problemOf } from '../api/problem'
import type { components } from '../api/schema'

export type Job = components['schemas']['JobBody']

export const readJob = (id: number) => ok(api.GET('/api/v1/jobs/{id}', { params: { path: { id } } }))

export const cancelJob = (id: number) => ok(api.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id } } }))

export type Watched = { job: Job | null; lost: boolean; gone: boolean }

const nothing: Watched = { job: null, lost: false, gone: false }

type Watcher = { take: (job: Job) => void; lost: () => void; gone: () => void }

/**
 * Follows a job by server-sent events until its end. Where these break off (`lost`) it is asked for until they come
 * again; one that the server knows no longer is `gone`. Returns what stops following.
 */
function watchJob(id: number, { take, lost, gone }: Watcher): () => void {
  const events = new EventSource(`/api/v1/jobs/${id}/events`)
  const took = (next: Job) => {
    if (isEnd(next)) events.close()
    take(next)
  }
  const read = (event: MessageEvent<string>) => took(JSON.parse(event.data) as Job)
  events.onmessage = read
  events.addEventListener('job', read as EventListener)
  events.onerror = () => {
    // Past the end the server closes the stream; the browser comes again by itself otherwise.
    readJob(id).then(took, (error: unknown) => {
      if (!(error instanceof ApiProblem && error.status === 404)) return lost()
      events.close()
      gone()
    })
  }
  return () => events.close()
}

/** A job as it goes on. */
export function useJob(id: number | null): Watched {
  const [watched, setWatched] = useState(nothing)
  useEffect(() => {
    setWatched(nothing)
    if (id === null) return
    return watchJob(id, {
      take: (job) => setWatched({ job, lost: false, gone: false }),
      lost: () => setWatched((before) => ({ ...before, lost: true })),
      gone: () => setWatched((before) => ({ ...before, lost: false, gone: true })),
    })
  }, [id])
  return watched.job === null || watched.job.id === id ? watched : nothing
}

/** What a job ended without: somebody stopped it. */
export class Cancelled extends Error {}

/**
 * The job once it has done what it was to do; otherwise its problem, or that it was cancelled, is thrown. `tell` hears
 * where it is. Where the signal says that nobody wants it any more, it is stopped.
 */
export function jobDone(id: number, tell?: (at: Watched) => void, signal?: AbortSignal): Promise<Job> {
  return new Promise((resolve, reject) => {
    const end = (job: Job) => {
      if (job.state === 'done') resolve(job)
      else if (job.state === 'cancelled') reject(new Cancelled())
      else reject(problemOf(job.problem?.status ?? 500, job.problem, null))
    }
    let last: Job | null = null
    tell?.(nothing)
    const stop = watchJob(id, {
      take: (job) => {
        last = job
        tell?.({ job, lost: false, gone: false })
        if (isEnd(job)) end(job)
      },
      lost: () => tell?.({ job: last, lost: true, gone: false }),
      gone: () => reject(new Cancelled()),
    })
    signal?.addEventListener('abort', () => {
      stop()
      void cancelJob(id).catch(() => undefined)
      reject(new Cancelled())
    })
  })
}

/** Runs jobs one after the other: `at` is where the one is that runs, null where none does. */
export function useRunJob() {
  const [at, setAt] = useState<Watched | null>(null)
  const run = useCallback(
    (id: number, signal?: AbortSignal) => jobDone(id, setAt, signal).finally(() => setAt(null)),
    [],
  )
  return { at, run }
}

export function isEnd(job: Pick<Job, 'state'>): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled'
}
