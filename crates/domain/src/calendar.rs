//! Instants, business days and the organisation's calendar.
//!
//! An instant is UTC; a business day is what an instant is called in the organisation's time zone.
//! Analyses count days, journals keep instants.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// A moment, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Instant(pub i64);

impl Instant {
    /// The instant of a chrono time.
    #[must_use]
    pub fn from_datetime(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_micros())
    }

    /// The chrono time, absent outside of chrono's range (about 262,000 years either way).
    #[must_use]
    pub fn to_datetime(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.0)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_datetime() {
            Some(at) => write!(f, "{}", at.format("%Y-%m-%dT%H:%M:%S%.fZ")),
            None => write!(f, "{} µs", self.0),
        }
    }
}

/// A business date, in days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Day(pub i32);

impl Day {
    /// The day of a chrono date.
    #[must_use]
    pub fn from_date(date: NaiveDate) -> Self {
        Self(date.to_epoch_days())
    }

    /// The day `year-month-day`, if it exists.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self::from_date)
    }

    /// A date written `2026-11-23`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Self::from_date)
    }

    /// The chrono date, absent outside of chrono's range.
    #[must_use]
    pub fn to_date(self) -> Option<NaiveDate> {
        NaiveDate::from_epoch_days(self.0)
    }

    /// This day `days` later (earlier where negative); stops at the ends of the range.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Days from `earlier` to this one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// Monday of this day's ISO week.
    #[must_use]
    pub const fn week_start(self) -> Self {
        // 1970-01-01 was a Thursday: three days after its Monday.
        Self(self.0 - (self.0 + 3).rem_euclid(7))
    }

    /// The first day of this day's month.
    #[must_use]
    pub fn month_start(self) -> Self {
        self.to_date().and_then(|date| date.with_day(1)).map_or(self, Self::from_date)
    }

    /// The first day of the month `months` later than this day's month.
    #[must_use]
    pub fn month_start_plus(self, months: i32) -> Self {
        let Some(date) = self.to_date() else { return self };
        let months = date.year() * 12 + date.month0().cast_signed() + months;
        Self::from_ymd(months.div_euclid(12), months.rem_euclid(12).cast_unsigned() + 1, 1).unwrap_or(self)
    }

    /// ISO week-numbering year and week.
    #[must_use]
    pub fn iso_week(self) -> Option<(i32, u32)> {
        self.to_date().map(|date| (date.iso_week().year(), date.iso_week().week()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_date() {
            Some(date) => write!(f, "{}", date.format("%Y-%m-%d")),
            None => write!(f, "day {}", self.0),
        }
    }
}

/// A run of days of one kind, the unit of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grain {
    /// ISO weeks, Monday to Sunday.
    Week,
    /// Calendar months.
    Month,
    /// Fiscal quarters.
    Quarter,
    /// Fiscal years.
    Year,
}

impl Grain {
    /// The grain written as `week`, `month`, `quarter` or `year`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            _ => return None,
        })
    }
}

/// The organisation's calendar: its zone and the month its fiscal year begins in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Calendar {
    /// The zone that turns instants into business days.
    pub zone: Tz,
    /// 1 to 12.
    pub fiscal_start_month: u32,
}

impl Calendar {
    /// A calendar in `zone` whose fiscal year is the calendar year.
    #[must_use]
    pub const fn new(zone: Tz) -> Self {
        Self { zone, fiscal_start_month: 1 }
    }

    /// The business day of an instant.
    #[must_use]
    pub fn day(&self, at: Instant) -> Day {
        let micros_a_day = 86_400_000_000;
        at.to_datetime().map_or(Day(i32::try_from(at.0.div_euclid(micros_a_day)).unwrap_or(i32::MAX)), |utc| {
            Day::from_date(utc.with_timezone(&self.zone).date_naive())
        })
    }

    /// The first instant of a business day. Where the clock skips midnight, the first that exists.
    #[must_use]
    pub fn start_of(&self, day: Day) -> Instant {
        day.to_date().map_or(Instant(i64::from(day.0) * 86_400_000_000), |date| {
            self.instant(date.and_hms_opt(0, 0, 0).unwrap_or_default())
        })
    }

    /// The instant a clock on the wall in the zone showed. The earlier one where it showed it twice; where
    /// it never did (the hour that summer time skips), the first instant after the gap.
    #[must_use]
    pub fn instant(&self, local: NaiveDateTime) -> Instant {
        for minutes in 0..=180 {
            let shifted = local + TimeDelta::minutes(minutes);
            if let Some(at) = self.zone.from_local_datetime(&shifted).earliest() {
                return Instant::from_datetime(at.with_timezone(&Utc));
            }
        }
        Instant::from_datetime(local.and_utc())
    }

    /// The first day of the period of this grain that holds `day`.
    #[must_use]
    pub fn period_start(&self, grain: Grain, day: Day) -> Day {
        match grain {
            Grain::Week => day.week_start(),
            Grain::Month => day.month_start(),
            Grain::Quarter => day.month_start_plus(-self.fiscal_month0(day).rem_euclid(3)),
            Grain::Year => day.month_start_plus(-self.fiscal_month0(day)),
        }
    }

    /// The first day of the period after the one that holds `day`.
    #[must_use]
    pub fn next_period(&self, grain: Grain, day: Day) -> Day {
        let start = self.period_start(grain, day);
        match grain {
            Grain::Week => start.plus(7),
            Grain::Month => start.month_start_plus(1),
            Grain::Quarter => start.month_start_plus(3),
            Grain::Year => start.month_start_plus(12),
        }
    }

    /// Months since the fiscal year began, 0 to 11.
    fn fiscal_month0(&self, day: Day) -> i32 {
        day.to_date().map_or(0, |date| {
            (date.month0().cast_signed() - (self.fiscal_start_month.cast_signed() - 1)).rem_euclid(12)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a date")
    }

    #[test]
    fn periods_begin_where_people_say_they_do() {
        let april = Calendar { zone: chrono_tz::Asia::Shanghai, fiscal_start_month: 4 };
        let january = Calendar::new(chrono_tz::Asia::Shanghai);
        for (calendar, grain, of, start, next) in [
            (&january, Grain::Week, "2026-11-23", "2026-11-23", "2026-11-30"),
            (&january, Grain::Week, "2026-01-01", "2025-12-29", "2026-01-05"),
            (&january, Grain::Month, "2024-02-29", "2024-02-01", "2024-03-01"),
            (&january, Grain::Quarter, "2026-12-31", "2026-10-01", "2027-01-01"),
            (&april, Grain::Quarter, "2026-03-31", "2026-01-01", "2026-04-01"),
            (&april, Grain::Year, "2026-03-31", "2025-04-01", "2026-04-01"),
            (&april, Grain::Year, "2026-04-01", "2026-04-01", "2027-04-01"),
        ] {
            assert_eq!(calendar.period_start(grain, day(of)), day(start), "{grain:?} of {of}");
            assert_eq!(calendar.next_period(grain, day(of)), day(next), "{grain:?} after {of}");
        }
    }

    #[test]
    fn a_business_day_is_local() {
        let shanghai = Calendar::new(chrono_tz::Asia::Shanghai);
        let at = Instant::from_datetime("2026-11-22T16:30:00Z".parse().expect("a time"));
        assert_eq!(shanghai.day(at), day("2026-11-23"));
        assert_eq!(shanghai.day(Instant(shanghai.start_of(day("2026-11-23")).0 - 1)), day("2026-11-22"));
    }

    #[test]
    fn hours_that_summer_time_skips_or_repeats_have_one_instant() {
        let berlin = Calendar::new(chrono_tz::Europe::Berlin);
        let skipped = berlin.instant(NaiveDate::from_ymd_opt(2026, 3, 29).unwrap().and_hms_opt(2, 30, 0).unwrap());
        assert_eq!(skipped.to_string(), "2026-03-29T01:00:00Z");
        let twice = berlin.instant(NaiveDate::from_ymd_opt(2026, 10, 25).unwrap().and_hms_opt(2, 30, 0).unwrap());
        assert_eq!(twice.to_string(), "2026-10-25T00:30:00Z");
    }

    #[test]
    fn weeks_are_iso_weeks() {
        assert_eq!(day("2027-01-03").iso_week(), Some((2026, 53)));
        assert_eq!(day("2027-01-04").iso_week(), Some((2027, 1)));
    }
}
