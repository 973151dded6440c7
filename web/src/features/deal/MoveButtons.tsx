import { DownOutlined } from '@ant-design/icons'
import { Button, Dropdown } from 'antd'
import type { DealPage } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { type Move, nextStage, wayTo } from './missing'

/** One step forward as the page's one primary button; every other move behind two menus. */
export function MoveButtons({ page, onMove }: { page: DealPage; onMove: (move: Move) => void }) {
  const { t, say } = useTexts()
  const next = nextStage(page)
  if (page.outcome !== 'open') {
    return (
      <Button type="primary" onClick={() => onMove({ to: 'open', where: 'open' })}>
        {t('deal.reopen')}
      </Button>
    )
  }
  const stages = page.path.filter((stage) => stage.kind === 'open' && !stage.current && stage.key !== next?.key)
  const ends = (
    [
      ['won', 'win'],
      ['lost', 'lose'],
      ['parked', 'park'],
      ['cancelled', 'cancel'],
    ] as const
  ).filter(([to]) => to !== 'won' || next !== undefined)
  return (
    <>
      {next ? (
        <Button type="primary" onClick={() => onMove({ to: next.key, where: 'forward' })}>
          {t('deal.advance', { stage: say(next.name) })}
        </Button>
      ) : (
        <Button type="primary" onClick={() => onMove({ to: 'won', where: 'won' })}>
          {t('deal.win')}
        </Button>
      )}
      {stages.length ? (
        <Dropdown
          trigger={['click']}
          menu={{
            items: stages.map((stage) => ({ key: stage.key, label: say(stage.name) })),
            onClick: ({ key }) => onMove({ to: key, where: wayTo(page, key) }),
          }}
        >
          <Button>
            {t('deal.moveTo')} <DownOutlined />
          </Button>
        </Dropdown>
      ) : null}
      <Dropdown
        trigger={['click']}
        placement="bottomRight"
        menu={{
          items: ends.map(([to, word]) => ({ key: to, label: t(`deal.${word}`) })),
          onClick: ({ key }) => onMove({ to: key, where: key as 'won' }),
        }}
      >
        <Button>
          {t('deal.more')} <DownOutlined />
        </Button>
      </Dropdown>
    </>
  )
}
