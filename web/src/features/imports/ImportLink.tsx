import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useView } from '@/shared/url/use-view'

/** Leads to the page of an import. */
export function ImportLink({ id, title, children }: { id: number; title?: string; children: ReactNode }) {
  const view = useView()
  return (
    <Link to={'/imports' as never} title={title} search={{ ...view, import: String(id) } as never}>
      {children}
    </Link>
  )
}
