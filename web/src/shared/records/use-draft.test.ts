import { act, renderHook } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { Field } from '../api/records'
import { clashes, useDraft } from './use-draft'

const field = (name: string, value: unknown) => ({ name, value, type: 'text' }) as Field

describe('a draft', () => {
  it('holds what differs, and lets go of what was typed back', () => {
    const { result } = renderHook(() => useDraft())
    act(() => result.current.set('name', 'new', 'old'))
    act(() => result.current.set('owner', { id: 2, name: 'Li' }, { id: 1, name: 'Wang' }))
    expect(result.current.count).toBe(2)
    act(() => result.current.set('name', 'old', 'old'))
    expect(result.current.values).toEqual({ owner: { id: 2, name: 'Li' } })
    act(() => result.current.drop())
    expect(result.current.count).toBe(0)
  })

  it('is not valid while something typed is no value', () => {
    const { result } = renderHook(() => useDraft())
    act(() => result.current.tell('amount', 'no number'))
    expect(result.current.isValid).toBe(false)
    act(() => result.current.tell('amount', null))
    expect(result.current.isValid).toBe(true)
  })

  it('clashes only where somebody else changed the same field to another value', () => {
    const draft = {
      values: { name: 'mine', region: 'mine', owner: { id: 3, name: 'Li' }, next: 'mine' },
      bases: { name: 'old', region: 'old', owner: { id: 1, name: 'Wang' }, next: 'old' },
    }
    const now = [
      field('name', 'theirs'),
      field('region', 'old'),
      field('owner', { id: 3, name: 'Li' }),
      field('next', 'mine'),
      field('other', 'theirs'),
    ]
    expect(clashes(draft, now).map((one) => one.field.name)).toEqual(['name'])
  })

  it('stands on the newer values once they were seen', () => {
    const { result } = renderHook(() => useDraft())
    act(() => result.current.set('name', 'mine', 'old'))
    act(() => result.current.rebase([field('name', 'theirs')]))
    expect(clashes(result.current, [field('name', 'theirs')])).toEqual([])
    expect(result.current.values).toEqual({ name: 'mine' })
  })
})
