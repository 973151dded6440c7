import { Modal } from 'antd'
import { useState } from 'react'
import { useTexts } from '../i18n/i18n'
import styles from './ConflictDialog.module.css'
import type { Clash } from './use-draft'
import { useValueNames } from './use-value-names'
import { type Money, valueText } from './values'

export type Side = 'mine' | 'theirs'

type Props = {
  clashes: readonly Clash[]
  money: Money
  /** With the fields for which the other's value was chosen. */
  onResolve: (theirs: string[]) => void
  onClose: () => void
}

/** Somebody else was quicker: both values of each field, and the choice. What only one has changed needs none. */
export function ConflictDialog({ clashes, money, onResolve, onClose }: Props) {
  const { t, lang, say } = useTexts()
  const names = useValueNames()
  const [sides, setSides] = useState<Record<string, Side>>({})
  const sideOf = (name: string): Side => sides[name] ?? 'theirs'
  const option = (clash: Clash, side: Side) => (
    <label className={styles.choice}>
      <input
        type="radio"
        name={clash.field.name}
        checked={sideOf(clash.field.name) === side}
        onChange={() => setSides((before) => ({ ...before, [clash.field.name]: side }))}
      />
      <span>{valueText(clash.field, clash[side], money, lang, names)}</span>
    </label>
  )
  return (
    <Modal
      open
      width={720}
      title={t('record.conflictTitle')}
      okText={t('record.conflictSave')}
      onCancel={onClose}
      onOk={() => onResolve(clashes.map((one) => one.field.name).filter((name) => sideOf(name) === 'theirs'))}
    >
      <p>{t('record.conflictText')}</p>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('record.field')}</th>
            <th scope="col">{t('record.mine')}</th>
            <th scope="col">{t('record.theirs')}</th>
          </tr>
        </thead>
        <tbody>
          {clashes.map((clash) => (
            <tr key={clash.field.name}>
              <th scope="row">{say(clash.field.label)}</th>
              <td>{option(clash, 'mine')}</td>
              <td>{option(clash, 'theirs')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  )
}
