import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { usePhone } from '@/shared/ui/use-media'
import frame from './Frame.module.css'
import rail from './Rail.module.css'
import bar from './TopBar.module.css'

/** The frame's shape while the session and the organisation are on their way. */
export function FrameSkeleton() {
  const phone = usePhone()
  return (
    <Waiting>
      <div className={frame.frame}>
        {phone ? null : <div className={rail.rail} />}
        <div className={frame.body}>
          <div className={bar.bar} />
          <div className={frame.page}>
            <Skeleton height="calc(100dvh - 90px)" />
          </div>
        </div>
      </div>
    </Waiting>
  )
}
