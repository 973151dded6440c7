import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { type ListColumn, nextSort, RecordsTable } from './RecordsTable'

type Row = { id: number; name: string; amount: number }

const columns: ListColumn<Row>[] = [
  { key: 'name', head: 'Name', sort: 'name', cell: (row) => row.name },
  { key: 'amount', head: 'Amount', sort: 'amount_minor', numeric: true, cell: (row) => row.amount },
  { key: 'note', head: 'Note', cell: () => '–' },
]

function show(rows: Row[], more: Partial<Parameters<typeof RecordsTable<Row>>[0]> = {}) {
  const spies = { onSort: vi.fn(), onMore: vi.fn(), onOpen: vi.fn(), onCopy: vi.fn() }
  render(
    <RecordsTable
      label="Deals"
      columns={columns}
      rows={rows}
      total={rows.length}
      idOf={(row) => row.id}
      sort="-amount_minor"
      hasMore={false}
      loadingMore={false}
      foot={{ name: 'Total', amount: '3' }}
      {...spies}
      {...more}
    />,
  )
  return spies
}

describe('a list of records', () => {
  it('orders by the server: numbers from the largest first, then the other way', () => {
    expect(nextSort('name', { sort: 'amount_minor', numeric: true })).toBe('-amount_minor')
    expect(nextSort('-amount_minor', { sort: 'amount_minor', numeric: true })).toBe('amount_minor')
    expect(nextSort('-amount_minor', { sort: 'name' })).toBe('name')
    expect(nextSort('name', { sort: 'name' })).toBe('-name')
  })

  it('says by what it is ordered, asks for another order, and shows the sums it was given', async () => {
    const spies = show([{ id: 1, name: 'A', amount: 1 }])
    const table = screen.getByRole('table', { name: 'Deals' })
    expect(within(table).getByRole('columnheader', { name: /Amount/ })).toHaveAttribute('aria-sort', 'descending')
    expect(within(table).getByText('Total')).toBeInTheDocument()
    await userEvent.click(within(table).getByRole('button', { name: 'Name' }))
    expect(spies.onSort).toHaveBeenCalledWith('name')
    expect(within(table).queryByRole('button', { name: 'Note' })).toBeNull()
  })

  it('asks for the next page when the end of what it has comes near', () => {
    const spies = show([{ id: 1, name: 'A', amount: 1 }], { hasMore: true, total: 1_000_000 })
    expect(spies.onMore).toHaveBeenCalledTimes(1)
    expect(screen.getByRole('table')).toHaveAttribute('aria-rowcount', '1000001')
  })

  it('does not ask twice while a page is on its way', () => {
    const spies = show([{ id: 1, name: 'A', amount: 1 }], { hasMore: true, loadingMore: true })
    expect(spies.onMore).not.toHaveBeenCalled()
  })
})
