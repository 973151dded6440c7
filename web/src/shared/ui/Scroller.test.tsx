import { fireEvent, render, screen } from '@testing-library/react'
import type { ReactNode } from 'react'
import { expect, it } from 'vitest'
import { moreBeyond, Scroller } from './Scroller'

const place = { scrollLeft: 0, scrollTop: 0, scrollWidth: 500, scrollHeight: 300, clientWidth: 300, clientHeight: 300 }

it.each([
  ['wider than its place', place, { right: true, below: false }],
  ['scrolled to its right end', { ...place, scrollLeft: 199.5 }, { right: false, below: false }],
  ['longer than its place', { ...place, scrollWidth: 300, scrollHeight: 301.5 }, { right: false, below: true }],
])('tells what lies beyond its edges where it is %s', (_, extent, more) => expect(moreBeyond(extent)).toEqual(more))

it('marks its edges as it is scrolled', () => {
  render(
    <Scroller>
      <p>wide</p>
    </Scroller>,
  )
  const scroller = screen.getByText('wide').parentElement as HTMLElement
  const frame = scroller.parentElement
  expect(frame).not.toHaveAttribute('data-more-right')
  Object.defineProperty(scroller, 'scrollWidth', { value: 400 })
  fireEvent.scroll(scroller)
  expect(frame).toHaveAttribute('data-more-right')
})

const wide = (content: ReactNode) => {
  const { container } = render(<Scroller>{content}</Scroller>)
  const scroller = container.firstElementChild?.firstElementChild as HTMLElement
  Object.defineProperty(scroller, 'scrollWidth', { value: 400, configurable: true })
  fireEvent.scroll(scroller)
  return scroller
}

it('takes the focus itself where nothing in it does and it scrolls', () => {
  const scroller = wide(<p>wide</p>)
  expect(scroller).toHaveAttribute('tabindex', '0')
  Object.defineProperty(scroller, 'scrollWidth', { value: 0 })
  fireEvent.scroll(scroller)
  expect(scroller).not.toHaveAttribute('tabindex')
})

it('leaves the focus to what stands in it', () => {
  expect(wide(<button type="button">Sort</button>)).not.toHaveAttribute('tabindex')
})
