import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ProblemLine } from '../ui/Notice'
import { Skeleton, Waiting } from '../ui/Skeleton'

type Props<T> = { query: UseQueryResult<T>; height: number | string; children: (data: T) => ReactNode }

/** A question's three states in a place of one size: on its way, failed, answered (dimmed while a newer one comes). */
export function AnswerState<T>({ query, height, children }: Props<T>) {
  if (query.data !== undefined && !query.isError) {
    return (
      <div
        aria-busy={query.isPlaceholderData}
        style={{ height: '100%', opacity: query.isPlaceholderData ? 0.6 : 1, transition: 'opacity 120ms' }}
      >
        {children(query.data)}
      </div>
    )
  }
  if (query.isError) return <ProblemLine error={query.error} />
  return (
    <Waiting>
      <Skeleton height={height} />
    </Waiting>
  )
}
