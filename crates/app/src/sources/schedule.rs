//! When a source runs by itself: a few words, in the organisation's zone.

use std::fmt;

use chrono::{DateTime, Datelike, Days, NaiveTime, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use domain::Instant;

use crate::{AppError, Result};

const MINUTE_MICROS: i64 = 60_000_000;
const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Mon, "Mon"),
    (Weekday::Tue, "Tue"),
    (Weekday::Wed, "Wed"),
    (Weekday::Thu, "Thu"),
    (Weekday::Fri, "Fri"),
    (Weekday::Sat, "Sat"),
    (Weekday::Sun, "Sun"),
];

/// When a source runs by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// So many minutes after the last time.
    Every(u32),
    /// At every full hour.
    Hourly,
    /// Every day at a time.
    Daily(NaiveTime),
    /// Every week on a day at a time.
    Weekly(Weekday, NaiveTime),
}

impl Schedule {
    /// Reads `every 15 minutes`, `every 2 hours`, `hourly`, `daily 06:30`, `weekly Mon 06:30`.
    ///
    /// # Errors
    /// It is none of these.
    pub fn parse(text: &str) -> Result<Self> {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        let found = match words.as_slice() {
            ["hourly"] => Some(Self::Hourly),
            ["every", number, unit] => number.parse::<u32>().ok().and_then(|number| match *unit {
                "minute" | "minutes" if (5..=1440).contains(&number) => Some(Self::Every(number)),
                "hour" | "hours" if (1..=168).contains(&number) => Some(Self::Every(number * 60)),
                _ => None,
            }),
            ["daily", time] => time_of(time).map(Self::Daily),
            ["weekly", day, time] => {
                let day = WEEKDAYS.iter().find(|(_, word)| day.get(..3) == Some(&word.to_lowercase()));
                day.and_then(|(day, _)| Some(Self::Weekly(*day, time_of(time)?)))
            }
            _ => None,
        };
        found.ok_or_else(|| {
            AppError::input((format!("“{text}”不是计划"), format!("`{text}` is no schedule"))).hint((
                "写法：every 15 minutes（5 到 1440）、every 2 hours（1 到 168）、hourly、daily 06:30、weekly Mon 06:30",
                "write every 15 minutes (5 to 1440), every 2 hours (1 to 168), hourly, daily 06:30 or weekly Mon 06:30",
            ))
        })
    }

    /// The next time after `now`.
    #[must_use]
    pub fn after(self, now: Instant, zone: Tz) -> Instant {
        if let Self::Every(minutes) = self {
            return Instant(now.0.saturating_add(i64::from(minutes) * MINUTE_MICROS));
        }
        let local = DateTime::<Utc>::from_timestamp_micros(now.0).unwrap_or_default().with_timezone(&zone);
        if self == Self::Hourly {
            // Zones differ from each other by quarters of an hour: the full hour is the zone's own.
            let past = i64::from(local.minute()) * MINUTE_MICROS
                + i64::from(local.second()) * 1_000_000
                + i64::from(local.timestamp_subsec_micros() % 1_000_000);
            return Instant(now.0 - past + 60 * MINUTE_MICROS);
        }
        let today = local.date_naive();
        let days = (0..=8).filter_map(|more| today.checked_add_days(Days::new(more)));
        let at = days.filter_map(|day| match self {
            Self::Daily(time) => Some(day.and_time(time)),
            Self::Weekly(weekday, time) => (day.weekday() == weekday).then(|| day.and_time(time)),
            Self::Every(_) | Self::Hourly => None,
        });
        let instants = at.filter_map(|at| {
            // A time that clocks jump over comes an hour later; one that comes twice counts the first time.
            let found = zone.from_local_datetime(&at).earliest();
            let found = found.or_else(|| zone.from_local_datetime(&(at + chrono::TimeDelta::hours(1))).earliest())?;
            Some(Instant(found.timestamp_micros()))
        });
        instants.into_iter().find(|at| at.0 > now.0).unwrap_or(Instant(now.0 + 24 * 60 * MINUTE_MICROS))
    }
}

fn time_of(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(minutes) if minutes % 60 == 0 => write!(f, "every {} hours", minutes / 60),
            Self::Every(minutes) => write!(f, "every {minutes} minutes"),
            Self::Hourly => f.write_str("hourly"),
            Self::Daily(time) => write!(f, "daily {}", time.format("%H:%M")),
            Self::Weekly(day, time) => {
                let word = WEEKDAYS.iter().find(|(known, _)| known == day).map_or("", |(_, word)| word);
                write!(f, "weekly {word} {}", time.format("%H:%M"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, now: &str, zone: Tz) -> String {
        let now: DateTime<Utc> = now.parse().expect("a time");
        let after = Schedule::parse(schedule).expect("a schedule").after(Instant(now.timestamp_micros()), zone);
        DateTime::<Utc>::from_timestamp_micros(after.0).expect("a time").with_timezone(&zone).to_rfc3339()
    }

    #[test]
    fn times_are_those_of_the_organisation() {
        let shanghai = Tz::Asia__Shanghai;
        for (schedule, now, at) in [
            ("every 15 minutes", "2026-11-23T01:07:30Z", "2026-11-23T09:22:30+08:00"),
            ("every 2 hours", "2026-11-23T01:07:30Z", "2026-11-23T11:07:30+08:00"),
            ("hourly", "2026-11-23T01:07:30Z", "2026-11-23T10:00:00+08:00"),
            ("hourly", "2026-11-23T01:00:00Z", "2026-11-23T10:00:00+08:00"),
            ("daily 06:30", "2026-11-22T22:29:59Z", "2026-11-23T06:30:00+08:00"),
            ("daily 06:30", "2026-11-22T22:30:00Z", "2026-11-24T06:30:00+08:00"),
            ("weekly Mon 06:30", "2026-11-23T01:00:00Z", "2026-11-30T06:30:00+08:00"),
            ("weekly sunday 23:59", "2026-11-23T01:00:00Z", "2026-11-29T23:59:00+08:00"),
        ] {
            assert_eq!(next(schedule, now, shanghai), at, "{schedule} after {now}");
        }
        assert_eq!(next("hourly", "2026-11-23T01:07:30Z", Tz::Asia__Kolkata), "2026-11-23T07:00:00+05:30");
    }

    #[test]
    fn clocks_that_are_put_on_or_back_leave_one_run_a_day() {
        let berlin = Tz::Europe__Berlin;
        // 02:30 does not exist on the 29th of March, and exists twice on the 25th of October.
        assert_eq!(next("daily 02:30", "2026-03-28T12:00:00Z", berlin), "2026-03-29T03:30:00+02:00");
        assert_eq!(next("daily 02:30", "2026-03-29T01:30:00Z", berlin), "2026-03-30T02:30:00+02:00");
        assert_eq!(next("daily 02:30", "2026-10-24T12:00:00Z", berlin), "2026-10-25T02:30:00+02:00");
        assert_eq!(next("daily 02:30", "2026-10-25T00:30:00Z", berlin), "2026-10-26T02:30:00+01:00");
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in [
            "",
            "daily",
            "daily 25:00",
            "every 1 minutes",
            "every x hours",
            "weekly Xyz 06:00",
            "cron * * *",
            "every 2000 minutes",
        ] {
            assert!(Schedule::parse(text).is_err(), "{text}");
        }
        for text in ["every 15 minutes", "every 2 hours", "hourly", "daily 06:30", "weekly Mon 06:30"] {
            assert_eq!(Schedule::parse(text).expect("a schedule").to_string(), text);
        }
    }
}
