import { CopyOutlined, DownloadOutlined, SettingOutlined } from '@ant-design/icons'
import { Button, Checkbox, Dropdown, Popover } from 'antd'
import { useTexts } from '../i18n/i18n'
import styles from './ListTools.module.css'

type Props = {
  columns: readonly { key: string; head: string }[]
  shown: readonly string[]
  onShown: (keys: string[]) => void
  onCopy: () => void
  /** The address of the whole list as a file of a format. */
  file: (format: 'csv' | 'xlsx') => string
}

/** What one does with a list: choose columns, copy what is loaded, take all of it as a file. */
export function ListTools({ columns, shown, onShown, onCopy, file }: Props) {
  const { t } = useTexts()
  const toggle = (key: string, on: boolean) => onShown(on ? [...shown, key] : shown.filter((one) => one !== key))
  return (
    <>
      <Popover
        trigger="click"
        placement="bottomRight"
        arrow={false}
        content={
          <fieldset className={styles.columns}>
            <legend className="hidden-visually">{t('list.columns')}</legend>
            {columns.map((column, index) => (
              <Checkbox
                key={column.key}
                // The first column is the name of the row.
                disabled={index === 0}
                checked={shown.includes(column.key)}
                onChange={(event) => toggle(column.key, event.target.checked)}
              >
                {column.head}
              </Checkbox>
            ))}
          </fieldset>
        }
      >
        <Button icon={<SettingOutlined />} aria-label={t('list.columns')} title={t('list.columns')} />
      </Popover>
      <Button icon={<CopyOutlined />} aria-label={t('list.copy')} title={t('list.copy')} onClick={onCopy} />
      <Dropdown
        trigger={['click']}
        placement="bottomRight"
        menu={{
          items: (['xlsx', 'csv'] as const).map((format) => ({
            key: format,
            label: (
              <a href={file(format)} download>
                {t(`block.${format}`)}
              </a>
            ),
          })),
        }}
      >
        <Button icon={<DownloadOutlined />} aria-label={t('list.export')} title={t('list.export')} />
      </Dropdown>
    </>
  )
}
