import { Button } from 'antd'
import { useTexts } from '../i18n/i18n'
import { useAddressValue, useSetAddress, useView } from '../url/use-view'
import styles from './NoRows.module.css'

/** A way to more rows, beside those of every list. */
export type Way = { name: string; onTake: () => void }

/** A list that nothing is left of: one sentence, and a step for each thing that narrows it. */
export function NoRows({ text, ways = [] }: { text: string; ways?: readonly Way[] }) {
  const { t } = useTexts()
  const { f, where } = useView()
  const [q] = useAddressValue('q')
  const setAddress = useSetAddress()
  const all: Way[] = [
    ...(q ? [{ name: t('list.clearSearch'), onTake: () => void setAddress({ q: undefined }) }] : []),
    ...(f?.length || where
      ? [{ name: t('frame.clearFilters'), onTake: () => void setAddress({ f: undefined, where: undefined }) }]
      : []),
    ...ways,
  ]
  return (
    <div className={styles.none} role="status">
      <p>{text}</p>
      {all.map(({ name, onTake }) => (
        <Button key={name} onClick={onTake}>
          {name}
        </Button>
      ))}
    </div>
  )
}
