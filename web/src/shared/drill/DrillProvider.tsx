import { lazy, type ReactNode, Suspense, useState } from 'react'
import { type Drill, DrillContext } from './drill'

const DealsDrawer = lazy(() => import('./DealsDrawer').then((module) => ({ default: module.DealsDrawer })))

/** Any number below may be clicked; its deals open beside it. */
export function DrillProvider({ children }: { children: ReactNode }) {
  const [drill, setDrill] = useState<Drill | null>(null)
  return (
    <DrillContext value={setDrill}>
      {children}
      {drill ? (
        <Suspense>
          <DealsDrawer drill={drill} onClose={() => setDrill(null)} />
        </Suspense>
      ) : null}
    </DrillContext>
  )
}
