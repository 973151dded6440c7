import { PlusOutlined } from '@ant-design/icons'
import { Button, Dropdown } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { groups, type Kind } from './step'

/** What can be done, by what one wants to put right. */
export function AddStep({ onAdd, isOnly }: { onAdd: (kind: Kind) => void; isOnly: boolean }) {
  const { t } = useTexts()
  const items = Object.entries(groups).map(([group, kinds]) => ({
    key: group,
    type: 'group' as const,
    label: t(`studio.groups.${group as keyof typeof groups}`),
    children: kinds.map((kind) => ({ key: kind as string, label: t(`studio.kinds.${kind as Kind}`) })),
  }))
  return (
    <Dropdown
      trigger={['click']}
      menu={{ items, onClick: ({ key }) => onAdd(key as Kind), style: { maxHeight: '60vh', overflow: 'auto' } }}
    >
      <Button type={isOnly ? 'primary' : 'default'} icon={<PlusOutlined aria-hidden="true" />}>
        {t('studio.add')}
      </Button>
    </Dropdown>
  )
}
