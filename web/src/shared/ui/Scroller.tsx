import { type CSSProperties, type ReactNode, type RefObject, useEffect, useRef } from 'react'
import styles from './Scroller.module.css'

type Props = {
  className?: string
  style?: CSSProperties
  /** The element that scrolls, for those who steer it. */
  scroller?: RefObject<HTMLDivElement | null>
  children: ReactNode
}

const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), select, textarea, [tabindex="0"]'

/**
 * A place that scrolls and says so: a shadow lies on the right and lower edge while there is more beyond it. The
 * keyboard reaches it as well: by what stands in it, or, where nothing there takes the focus, by itself.
 */
export function Scroller({ className = '', style, scroller, children }: Props) {
  const own = useRef<HTMLDivElement>(null)
  const place = scroller ?? own
  useEffect(() => {
    const element = place.current
    const frame = element?.parentElement
    if (!element || !frame) return
    const mark = () => {
      const { right, below } = moreBeyond(element)
      frame.toggleAttribute('data-more-right', right)
      frame.toggleAttribute('data-more-below', below)
      if (scrolls(element) && !element.querySelector(FOCUSABLE)) element.tabIndex = 0
      else element.removeAttribute('tabindex')
      // Rows go on behind a foot that stands, and so does the shadow.
      const foot = element.querySelector('tfoot')?.offsetHeight ?? 0
      frame.style.setProperty('--foot', `${foot + element.offsetHeight - element.clientHeight}px`)
    }
    const watch = new ResizeObserver(mark)
    watch.observe(element)
    for (const child of element.children) watch.observe(child)
    element.addEventListener('scroll', mark, { passive: true })
    mark()
    return () => {
      watch.disconnect()
      element.removeEventListener('scroll', mark)
    }
  }, [place])
  return (
    <div className={styles.frame}>
      <div ref={place} className={`${styles.scroller} ${className}`} style={style}>
        {children}
      </div>
    </div>
  )
}

type Extent = Pick<
  HTMLElement,
  'scrollLeft' | 'scrollTop' | 'scrollWidth' | 'scrollHeight' | 'clientWidth' | 'clientHeight'
>

function scrolls(place: Extent): boolean {
  return place.scrollWidth - place.clientWidth > 1 || place.scrollHeight - place.clientHeight > 1
}

/** Whether something lies beyond the right and the lower edge; a pixel is what rounding makes of nothing. */
export function moreBeyond(place: Extent): { right: boolean; below: boolean } {
  return {
    right: place.scrollWidth - place.clientWidth - place.scrollLeft > 1,
    below: place.scrollHeight - place.clientHeight - place.scrollTop > 1,
  }
}
