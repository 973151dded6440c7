import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useView } from '@/shared/url/use-view'

/** Leads to the page of an import. */
export function ImportLink({ id, children }: { id: number; children: ReactNode }) {
  const view = useView()
  return (
    <Link to={'/imports' as never} search={{ ...view, import: String(id) } as never}>
      {children}
    </Link>
  )
}
