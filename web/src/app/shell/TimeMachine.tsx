import { CaretRightOutlined, LeftOutlined, PauseOutlined, RightOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { addDays, date } from '@/shared/format/dates'
import { useTexts } from '@/shared/i18n/i18n'
import { DayButton } from '@/shared/ui/DayButton'
import { useAsOf, useProcess } from '@/shared/url/use-question'
import { useSetAddress } from '@/shared/url/use-view'
import styles from './TimeMachine.module.css'
import { nextSpeed, usePlay } from './use-play'

/** The day one looks from, a week back and forth, and the weeks played one after another. */
export function TimeMachine() {
  const { t, lang } = useTexts()
  const first_day = useProcess()?.first_day ?? null
  const { asOf, today, past } = useAsOf()
  const setAddress = useSetAddress()
  const play = usePlay(asOf, today, first_day)

  const go = (day: string) => {
    play.stop()
    void setAddress({ as_of: day >= today ? undefined : day })
  }
  const atStart = first_day !== null && asOf <= first_day
  return (
    <div className={styles.machine} data-past={past || undefined}>
      <Button
        type="text"
        size="small"
        icon={<LeftOutlined />}
        aria-label={t('frame.earlier')}
        title={t('frame.earlier')}
        disabled={atStart}
        onClick={() => go(addDays(asOf, -7))}
      />
      <DayButton
        text={t('frame.asOfDay', { day: date(asOf, lang) })}
        label={t('frame.asOf')}
        value={asOf}
        min={first_day ?? undefined}
        max={today}
        onChange={go}
      />
      <Button
        type="text"
        size="small"
        icon={<RightOutlined />}
        aria-label={t('frame.later')}
        title={t('frame.later')}
        disabled={!past}
        onClick={() => go(addDays(asOf, 7))}
      />
      <Button
        type="text"
        size="small"
        aria-pressed={play.playing}
        icon={play.playing ? <PauseOutlined /> : <CaretRightOutlined />}
        aria-label={t(play.playing ? 'frame.pause' : 'frame.play')}
        title={t(play.playing ? 'frame.pause' : 'frame.play')}
        onClick={play.toggle}
      />
      {play.playing ? (
        // No menu: it would lie over what is played.
        <Button
          type="text"
          size="small"
          className={styles.speed}
          title={t('frame.speed')}
          onClick={() => play.setSeconds(nextSpeed(play.seconds))}
        >
          {t('frame.speedOf', { n: play.seconds })}
        </Button>
      ) : null}
    </div>
  )
}
