import type { Mapping, Suggested } from './api'
import { ColumnsTable } from './ColumnsTable'
import styles from './Imports.module.css'
import { LeftOut } from './LeftOut'
import { assigned, stageChoices, withStagesByName } from './mapping'
import { deals } from './tables'
import { useProcesses } from './use-processes'

type Props = {
  suggested: Suggested
  mapping: Mapping
  /** What the table is called, where there are several. */
  title?: string
  onMapping: (mapping: Mapping) => void
}

/** The columns of the table of deals. */
export function DealsPanel({ suggested, mapping, title, onMapping }: Props) {
  const processes = useProcesses()
  const columns = suggested.file?.columns ?? []
  const mapped = { ...mapping, keep: mapping.keep ?? [], milestones: mapping.milestones ?? [] }
  const put = (column: string, target: string, from: string) => {
    const next = assigned(mapped, column, target, from)
    onMapping(target === 'stage' ? withStagesByName(next, columns, stageChoices(next, processes)) : next)
  }
  return (
    <section className={`${styles.panel} ${styles.stack}`} aria-label={title}>
      {title ? <h2>{title}</h2> : null}
      <ColumnsTable
        columns={columns}
        fields={suggested.kinds.find((one) => one.kind === deals)?.fields ?? []}
        suggestions={suggested.suggestions}
        mapped={mapped}
        onPut={put}
      />
      <LeftOut mapped={mapping} columns={columns} />
    </section>
  )
}
