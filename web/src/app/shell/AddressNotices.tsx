import { CloseOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useMeta } from '@/shared/api/queries'
import { date } from '@/shared/format/dates'
import { useTexts } from '@/shared/i18n/i18n'
import { dayAhead, wrongDays } from '@/shared/url/search'
import { useAddress, useSetAddress } from '@/shared/url/use-view'
import styles from './PastLine.module.css'
import type { WrongProcess } from './use-default-process'

type Props = { wrong: WrongProcess | null; onDismiss: () => void }

/** What the address asks for and cannot be shown, with what is shown instead; to dismiss it mends the address. */
export function AddressNotices({ wrong, onDismiss }: Props) {
  const { t, say, lang } = useTexts()
  const { processes, today } = useMeta()
  const search = useAddress()
  const setAddress = useSetAddress()
  const shown = processes.find((one) => one.key === wrong?.shown && one.key === search.process)
  const ahead = dayAhead(search, today)
  return (
    <>
      {wrong && shown ? (
        <Line text={t('frame.noProcess', { named: wrong.named, shown: say(shown.name) })} onDismiss={onDismiss} />
      ) : null}
      {wrongDays(search).map(({ key, value }) => (
        <Line
          key={key}
          text={t(key === 'as_of' ? 'frame.noDay' : 'frame.noKnownDay', { value })}
          onDismiss={() => void setAddress({ [key]: undefined }, { replace: true })}
        />
      ))}
      {ahead ? (
        <Line
          text={t('frame.dayAhead', { day: date(ahead, lang) })}
          onDismiss={() => void setAddress({ as_of: undefined }, { replace: true })}
        />
      ) : null}
    </>
  )
}

function Line({ text, onDismiss }: { text: string; onDismiss: () => void }) {
  const { t } = useTexts()
  return (
    <div className={styles.line} role="status">
      <span>{text}</span>
      <Button
        type="text"
        size="small"
        icon={<CloseOutlined />}
        aria-label={t('common.close')}
        className={styles.back}
        onClick={onDismiss}
      />
    </div>
  )
}
