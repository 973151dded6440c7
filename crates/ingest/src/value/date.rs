//! Dates and times as exports write them.

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use domain::{Calendar, Day, Instant};
use std::collections::HashMap;

use super::period::{self, Edge};
use crate::table::Cell;

const DAY_MICROS: i64 = 86_400_000_000;
/// Years beyond these are typing errors or signs for "never", and no dates of deals.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// A date or time, as precise as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// Days since 1970-01-01.
    Day(i32),
    /// Microseconds of a clock on the wall.
    Local(i64),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Utc(i64),
}

impl Stamp {
    /// The day as it is written, whatever the zone.
    pub(crate) fn written_day(self) -> Option<Day> {
        match self {
            Self::Day(day) => Some(Day(day)),
            Self::Local(micros) | Self::Utc(micros) => i32::try_from(micros.div_euclid(DAY_MICROS)).ok().map(Day),
        }
    }
}

/// Why a cell is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoDate {
    /// Not written in any of the formats, or no such day.
    Impossible,
    /// A year nobody means.
    OutOfRange,
}

/// The formats of one field, in the order they are tried.
#[derive(Debug, Clone)]
pub(crate) struct Formats(Vec<Format>);

#[derive(Debug, Clone)]
enum Format {
    Iso,
    UnixSeconds,
    UnixMillis,
    /// The serial number of a spreadsheet.
    Serial,
    Month(Edge),
    Quarter(Edge),
    Pattern(Vec<Item<'static>>),
}

impl Formats {
    /// `iso`, `unix-s`, `unix-ms`, `excel` (a spreadsheet's serial number), `month` and `quarter` (their first day),
    /// `month-end` and `quarter-end` (their last), or patterns such as `%d/%m/%Y`.
    ///
    /// # Errors
    /// The name of a pattern that is none.
    pub(crate) fn new(names: &[String]) -> Result<Self, String> {
        let format = |name: &String| match name.as_str() {
            "iso" => Ok(Format::Iso),
            "unix-s" => Ok(Format::UnixSeconds),
            "unix-ms" => Ok(Format::UnixMillis),
            "excel" => Ok(Format::Serial),
            "month" => Ok(Format::Month(Edge::First)),
            "month-end" => Ok(Format::Month(Edge::Last)),
            "quarter" => Ok(Format::Quarter(Edge::First)),
            "quarter-end" => Ok(Format::Quarter(Edge::Last)),
            pattern => match StrftimeItems::new(pattern).parse_to_owned() {
                Ok(items) if pattern.contains('%') => Ok(Format::Pattern(items)),
                _ => Err(name.clone()),
            },
        };
        names.iter().map(format).collect::<Result<_, _>>().map(Self)
    }

    /// The date in a cell.
    ///
    /// # Errors
    /// [`NoDate`].
    pub(crate) fn read(&self, cell: Cell<'_>) -> Result<Stamp, NoDate> {
        let stamp = match cell {
            Cell::Day(day) => Some(Stamp::Day(day)),
            Cell::Local(micros) => Some(Stamp::Local(micros)),
            Cell::Utc(micros) => Some(Stamp::Utc(micros)),
            Cell::Empty | Cell::Bool(_) | Cell::Bad(_) => None,
            Cell::Text(text) => self.parse(text.trim()),
            Cell::Int(_) | Cell::Float(_) | Cell::Single(_) | Cell::Decimal(..) => self.parse(&cell.text()),
        };
        let stamp = stamp.ok_or(NoDate::Impossible)?;
        let day = match stamp {
            Stamp::Day(day) => Some(day),
            Stamp::Local(micros) | Stamp::Utc(micros) => i32::try_from(micros.div_euclid(DAY_MICROS)).ok(),
        };
        let year = day.and_then(|day| Day(day).to_date()).map(|date| date.year());
        if year.is_some_and(|year| YEARS.contains(&year)) { Ok(stamp) } else { Err(NoDate::OutOfRange) }
    }

    fn parse(&self, text: &str) -> Option<Stamp> {
        self.0.iter().find_map(|format| match format {
            Format::Iso => parse_iso(text.as_bytes()),
            Format::UnixSeconds => text.parse::<i64>().ok()?.checked_mul(1_000_000).map(Stamp::Utc),
            Format::UnixMillis => text.parse::<i64>().ok()?.checked_mul(1000).map(Stamp::Utc),
            Format::Serial => period::serial(text).map(|(micros, is_timed)| {
                let day = i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or(i32::MAX);
                if is_timed { Stamp::Local(micros) } else { Stamp::Day(day) }
            }),
            Format::Month(edge) => period::month(text, *edge).map(Stamp::Day),
            Format::Quarter(edge) => period::quarter(text, *edge).map(Stamp::Day),
            Format::Pattern(items) => parse_pattern(text, items),
        })
    }
}

fn parse_pattern(text: &str, items: &[Item<'static>]) -> Option<Stamp> {
    let mut parsed = Parsed::new();
    parse(&mut parsed, text, items.iter()).ok()?;
    if parsed.offset().is_some() {
        return parsed.to_datetime().ok().map(|at| Stamp::Utc(at.timestamp_micros()));
    }
    let date = parsed.to_naive_date().ok()?;
    match parsed.to_naive_time() {
        Ok(time) => Some(Stamp::Local(NaiveDateTime::new(date, time).and_utc().timestamp_micros())),
        Err(_) if parsed.hour_div_12().is_none() && parsed.hour_mod_12().is_none() => {
            Some(Stamp::Day(date.to_epoch_days()))
        }
        Err(_) => None,
    }
}

/// `2024-04-09`, with `T` or a space `21:32`, `21:32:09`, `21:32:09.123456789`, and `Z` or `+08:00`.
fn parse_iso(text: &[u8]) -> Option<Stamp> {
    let number = |from: usize, to: usize| -> Option<u32> {
        text.get(from..to)?
            .iter()
            .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    let is = |at: usize, sign: u8| text.get(at) == Some(&sign);
    if !(is(4, b'-') && is(7, b'-')) {
        return None;
    }
    let year = i32::try_from(number(0, 4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(5, 7)?, number(8, 10)?)?;
    let day = date.to_epoch_days();
    if text.len() == 10 {
        return Some(Stamp::Day(day));
    }
    if !(is(10, b'T') || is(10, b' ')) {
        return None;
    }
    // One digit of an hour is not ISO, and is common.
    let hour_end = if is(12, b':') { 12 } else { 13 };
    let hour = number(11, hour_end)?;
    if !is(hour_end, b':') {
        return None;
    }
    let minute = number(hour_end + 1, hour_end + 3)?;
    let mut at = hour_end + 3;
    let (mut second, mut micros) = (0, 0);
    if is(at, b':') {
        second = number(at + 1, at + 3)?;
        at += 3;
        if is(at, b'.') || is(at, b',') {
            let digits = text[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            // Beyond microseconds is cut off.
            micros = number(at + 1, at + 1 + digits.min(6))? * 10_u32.pow(6 - u32::try_from(digits.min(6)).ok()?);
            at += 1 + digits;
        }
    }
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micros)?;
    let local = NaiveDateTime::new(date, time).and_utc().timestamp_micros();
    match &text[at..] {
        [] => Some(Stamp::Local(local)),
        b"Z" | b"z" | b" UTC" => Some(Stamp::Utc(local)),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let start = at + 1;
            let (hours, minutes) = match rest.len() {
                2 => (number(start, start + 2)?, 0),
                4 => (number(start, start + 2)?, number(start + 2, start + 4)?),
                5 if rest[2] == b':' => (number(start, start + 2)?, number(start + 3, start + 5)?),
                _ => return None,
            };
            if hours > 14 || minutes > 59 {
                return None;
            }
            let offset = i64::from(hours * 60 + minutes) * 60_000_000;
            Some(Stamp::Utc(if *sign == b'+' { local - offset } else { local + offset }))
        }
        _ => None,
    }
}

/// Wall clocks to instants and back in one zone; remembers days, because a zone's rules are slow to ask.
#[derive(Debug)]
pub(crate) struct Clock {
    calendar: Calendar,
    /// Days whose clock runs 24 hours: their first instant. Others are absent inside.
    days: HashMap<i32, Option<i64>>,
}

impl Clock {
    pub(crate) fn new(calendar: Calendar) -> Self {
        Self { calendar, days: HashMap::new() }
    }

    /// The instant of a stamp; a date is its first instant.
    pub(crate) fn instant(&mut self, stamp: Stamp) -> Instant {
        match stamp {
            Stamp::Utc(micros) => Instant(micros),
            Stamp::Day(day) => self.local(i64::from(day) * DAY_MICROS),
            Stamp::Local(micros) => self.local(micros),
        }
    }

    fn local(&mut self, micros: i64) -> Instant {
        let day = i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or(i32::MAX);
        let calendar = self.calendar;
        let start = self.days.entry(day).or_insert_with(|| {
            let (start, next) = (calendar.start_of(Day(day)), calendar.start_of(Day(day).plus(1)));
            (next.0 - start.0 == DAY_MICROS).then_some(start.0)
        });
        match start {
            Some(start) => Instant(*start + micros.rem_euclid(DAY_MICROS)),
            None => chrono::DateTime::from_timestamp_micros(micros)
                .map_or(Instant(micros), |at| calendar.instant(at.naive_utc())),
        }
    }

    /// Whether `later` is of the day that begins with `midnight`: of a day without a time nobody knows when in it.
    pub(crate) fn is_within(&self, midnight: Instant, later: Instant) -> bool {
        let day = self.calendar.day(midnight);
        self.calendar.start_of(day) == midnight && self.calendar.day(later) == day
    }

    /// The business day of a stamp.
    pub(crate) fn day(&self, stamp: Stamp) -> Day {
        match stamp {
            Stamp::Day(day) => Day(day),
            Stamp::Local(micros) => Day(i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or(i32::MAX)),
            Stamp::Utc(micros) => self.calendar.day(Instant(micros)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, formats: &[&str]) -> Result<String, NoDate> {
        let formats =
            Formats::new(&formats.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).expect("formats");
        formats.read(Cell::Text(text)).map(|stamp| match stamp {
            Stamp::Day(day) => Day(day).to_string(),
            Stamp::Local(micros) => Instant(micros).to_string().replace('Z', " local"),
            Stamp::Utc(micros) => Instant(micros).to_string(),
        })
    }

    #[test]
    fn dates_in_many_writings() {
        use NoDate::{Impossible, OutOfRange};
        for (text, format, expected) in [
            ("2024-02-29", "iso", Ok("2024-02-29")),
            ("2023-02-29", "iso", Err(Impossible)),
            ("2024-13-01", "iso", Err(Impossible)),
            ("2024-04-09T21:32:09", "iso", Ok("2024-04-09T21:32:09 local")),
            ("2024-04-09 21:32", "iso", Ok("2024-04-09T21:32:00 local")),
            ("2021-01-07 6:49:18", "iso", Ok("2021-01-07T06:49:18 local")),
            ("2015-11-20 10:59:00.000000018", "iso", Ok("2015-11-20T10:59:00 local")),
            ("2024-04-27 04:51:50.980402", "iso", Ok("2024-04-27T04:51:50.980402 local")),
            ("2024-04-09T21:32:09Z", "iso", Ok("2024-04-09T21:32:09Z")),
            ("2024-04-09T21:32:09.5+08:00", "iso", Ok("2024-04-09T13:32:09.500Z")),
            ("2024-04-09T21:32:09-0530", "iso", Ok("2024-04-10T03:02:09Z")),
            ("2024-04-09T24:00:00", "iso", Err(Impossible)),
            ("2024-04-09T10:60:00", "iso", Err(Impossible)),
            ("2024-04-09x", "iso", Err(Impossible)),
            ("9999-12-31", "iso", Err(OutOfRange)),
            ("yesterday", "iso", Err(Impossible)),
            ("06/04/2022", "%d/%m/%Y", Ok("2022-04-06")),
            ("6/4/2022", "%d/%m/%Y", Ok("2022-04-06")),
            ("31/04/2022", "%d/%m/%Y", Err(Impossible)),
            ("04/13/2022", "%d/%m/%Y", Err(Impossible)),
            ("02/23/26 08:55 PM", "%m/%d/%y %I:%M %p", Ok("2026-02-23T20:55:00 local")),
            ("02/03/2022 16:11", "%d/%m/%Y %H:%M", Ok("2022-03-02T16:11:00 local")),
            ("2025年3月7日", "%Y年%m月%d日", Ok("2025-03-07")),
            ("1700000000", "unix-s", Ok("2023-11-14T22:13:20Z")),
            ("20240131", "%Y%m%d", Ok("2024-01-31")),
        ] {
            assert_eq!(read(text, &[format]), expected.map(str::to_owned), "{text} as {format}");
        }
        assert_eq!(read("06/04/2022", &["iso", "%d/%m/%Y"]), Ok("2022-04-06".to_owned()));
        assert!(Formats::new(&["%Q".to_owned()]).is_err());
        assert!(Formats::new(&["dd/mm/yyyy".to_owned()]).is_err());
    }

    proptest! {
        #[test]
        fn remembered_days_are_those_of_the_calendar(hours in 0_i64..24 * 365 * 3, zone in 0_usize..4) {
            let zones = [chrono_tz::UTC, chrono_tz::Asia::Shanghai, chrono_tz::America::New_York, chrono_tz::Australia::Lord_Howe];
            let calendar = Calendar::new(zones[zone]);
            let mut clock = Clock::new(calendar);
            let micros = (hours + 24 * 365 * 54) * 3_600_000_000 + 17;
            let at = chrono::DateTime::from_timestamp_micros(micros).expect("in range").naive_utc();
            prop_assert_eq!(clock.instant(Stamp::Local(micros)), calendar.instant(at));
        }

        #[test]
        fn any_text_is_a_date_or_none(text in ".{0,24}") {
            let _ = read(&text, &["iso", "%d/%m/%Y", "unix-ms"]);
        }
    }
}
