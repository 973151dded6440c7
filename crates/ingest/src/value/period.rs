//! Months, quarters and the serial numbers of spreadsheets, as people and programs write dates that are no days.

use chrono::{Datelike, NaiveDate};

/// Days from the spreadsheets' day 0 (1899-12-30) to 1970-01-01.
const EPOCH: i64 = 25_569;
/// The serial numbers of 1900-03-01 to 2199-12-31: before that spreadsheets count a day that never was.
const SERIALS: std::ops::RangeInclusive<i64> = 61..=109_571;
const DAY_MICROS: i64 = 86_400_000_000;
/// What the last quarter is called.
const QUARTERS: i64 = 4;

/// The first or the last day of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    First,
    Last,
}

/// A month: `2025年3月`, `2025-03`, `2025/3`, `03/2025`, `Mar 2025`, `March 2025`, `25年3月`. Days since 1970-01-01.
pub(super) fn month(text: &str, edge: Edge) -> Option<i32> {
    let parts = parts(text)?;
    let (year, month) = match parts.as_slice() {
        [Part::Number(year, 4 | 2), Part::Year, Part::Number(month, 1 | 2), Part::Month]
        | [Part::Number(year, 4), Part::Sign, Part::Number(month, 1 | 2)]
        | [Part::Number(month, 1 | 2), Part::Sign, Part::Number(year, 4)]
        | [Part::Name(month), Part::Number(year, 4)]
        | [Part::Name(month), Part::Sign, Part::Number(year, 4)]
        | [Part::Number(year, 4), Part::Name(month)]
        | [Part::Number(year, 4), Part::Sign, Part::Name(month)] => (*year, *month),
        _ => return None,
    };
    let year = if year < 100 { 2000 + year } else { year };
    bounds(year, month, 1, edge)
}

/// A quarter: `Q3 2025`, `2025Q3`, `2025-Q3`, `3Q2025`, `2025年第3季度`, `2025年三季度`. Days since 1970-01-01.
pub(super) fn quarter(text: &str, edge: Edge) -> Option<i32> {
    let mut parts = parts(text)?;
    parts.retain(|part| *part != Part::Sign);
    let (year, quarter) = match parts.as_slice() {
        [Part::Quarter, Part::Number(quarter, 1), Part::Number(year, 4)]
        | [Part::Number(year, 4), Part::Quarter, Part::Number(quarter, 1)]
        | [Part::Number(quarter, 1), Part::Quarter, Part::Number(year, 4)]
        | [Part::Number(year, 4 | 2), Part::Year, Part::Number(quarter, 1), Part::Quarter]
        | [Part::Number(year, 4 | 2), Part::Year, Part::Quarter, Part::Number(quarter, 1)]
        | [Part::Number(year, 4), Part::Number(quarter, 1), Part::Quarter] => (*year, *quarter),
        _ => return None,
    };
    if !(1..=QUARTERS).contains(&quarter) {
        return None;
    }
    let year = if year < 100 { 2000 + year } else { year };
    bounds(year, quarter * 3 - 2, 3, edge)
}

/// A day as spreadsheets count it, `45292` or with a fraction `45292.75`: microseconds on a wall's clock, and whether
/// there is a time in it.
pub(super) fn serial(text: &str) -> Option<(i64, bool)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let day: i64 = whole.parse().ok().filter(|day| SERIALS.contains(day))?;
    // Spreadsheets tell a time to the second; what a double adds beyond is noise.
    let digits = &fraction[..fraction.len().min(15)];
    let share = if digits.is_empty() { 0 } else { digits.parse::<i64>().ok()? };
    let scale = 10_i128.pow(u32::try_from(digits.len()).ok()?);
    let seconds = i64::try_from((i128::from(share) * 86_400 * 2 + scale) / (2 * scale)).ok()?;
    Some(((day - EPOCH) * DAY_MICROS + seconds * 1_000_000, seconds > 0))
}

fn bounds(year: i64, month: i64, months: i64, edge: Edge) -> Option<i32> {
    let first =
        |year: i64, month: i64| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, 1);
    let begin = first(year, month)?;
    match edge {
        Edge::First => Some(begin.to_epoch_days()),
        Edge::Last => {
            let next = i64::from(begin.month()) + months;
            let after = if next > 12 { first(year + 1, next - 12) } else { first(year, next) }?;
            Some(after.to_epoch_days() - 1)
        }
    }
}

/// A piece of a text about a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A number, and its digits.
    Number(i64, usize),
    /// 年
    Year,
    /// 月, 月份
    Month,
    /// Q, 季, 季度, 第…季度
    Quarter,
    /// The name of a month.
    Name(i64),
    /// What stands between numbers.
    Sign,
}

fn parts(text: &str) -> Option<Vec<Part>> {
    /// No writing of a period has more.
    const MOST: usize = 6;
    let mut rest = text.trim();
    let mut parts = Vec::new();
    while let Some(first) = rest.chars().next() {
        if parts.len() == MOST {
            return None;
        }
        let (part, length) = if first.is_ascii_digit() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            (Some(Part::Number(rest[..digits].parse().ok().filter(|_| digits <= 4)?, digits)), digits)
        } else if first.is_ascii_alphabetic() {
            let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let word = rest[..letters].to_ascii_lowercase();
            (Some(if word == "q" { Part::Quarter } else { Part::Name(month_named(&word)?) }), letters)
        } else {
            signed(first, rest)?
        };
        parts.extend(part);
        rest = &rest[length..];
    }
    Some(parts)
}

fn signed(first: char, rest: &str) -> Option<(Option<Part>, usize)> {
    let length = first.len_utf8();
    Some(match first {
        '年' => (Some(Part::Year), length),
        '月' => (Some(Part::Month), if rest.starts_with("月份") { "月份".len() } else { length }),
        '季' => (Some(Part::Quarter), if rest.starts_with("季度") { "季度".len() } else { length }),
        '一' => (Some(Part::Number(1, 1)), length),
        '二' => (Some(Part::Number(2, 1)), length),
        '三' => (Some(Part::Number(3, 1)), length),
        '四' => (Some(Part::Number(4, 1)), length),
        '-' | '/' | '.' => (Some(Part::Sign), length),
        '第' | ' ' | ',' | '\u{a0}' | '\u{3000}' => (None, length),
        _ => return None,
    })
}

fn month_named(word: &str) -> Option<i64> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let is_named = |name: &&str| {
        *name == word || (word.len() == 3 && name.starts_with(word)) || word == "sept" && *name == "september"
    };
    NAMES.iter().position(is_named).and_then(|at| i64::try_from(at + 1).ok())
}

#[cfg(test)]
mod tests {
    use domain::Day;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn months_and_quarters_in_many_writings() {
        let day = |day: Option<i32>| day.map(|day| Day(day).to_string()).unwrap_or_default();
        for (text, first, last) in [
            ("2025年3月", "2025-03-01", "2025-03-31"),
            ("2024年02月份", "2024-02-01", "2024-02-29"),
            ("25年12月", "2025-12-01", "2025-12-31"),
            ("2025-03", "2025-03-01", "2025-03-31"),
            ("2025/4", "2025-04-01", "2025-04-30"),
            ("03/2025", "2025-03-01", "2025-03-31"),
            ("Mar 2025", "2025-03-01", "2025-03-31"),
            ("Sept 2025", "2025-09-01", "2025-09-30"),
            ("september, 2025", "2025-09-01", "2025-09-30"),
            ("Feb-2023", "2023-02-01", "2023-02-28"),
            ("2025年13月", "", ""),
            ("2025-03-04", "", ""),
            ("2025", "", ""),
            ("3月", "", ""),
            ("Marching 2025", "", ""),
            ("20250304", "", ""),
        ] {
            let found = (day(month(text, Edge::First)), day(month(text, Edge::Last)));
            assert_eq!(found, (first.to_owned(), last.to_owned()), "{text}");
        }
        for (text, first, last) in [
            ("Q3 2025", "2025-07-01", "2025-09-30"),
            ("2025Q4", "2025-10-01", "2025-12-31"),
            ("2025-Q1", "2025-01-01", "2025-03-31"),
            ("3q2025", "2025-07-01", "2025-09-30"),
            ("2025年第3季度", "2025-07-01", "2025-09-30"),
            ("2025年三季度", "2025-07-01", "2025-09-30"),
            ("25年二季", "2025-04-01", "2025-06-30"),
            ("2025年Q2", "2025-04-01", "2025-06-30"),
            ("Q5 2025", "", ""),
            ("Q0 2025", "", ""),
            ("2025", "", ""),
        ] {
            let found = (day(quarter(text, Edge::First)), day(quarter(text, Edge::Last)));
            assert_eq!(found, (first.to_owned(), last.to_owned()), "{text}");
        }
    }

    #[test]
    fn serial_numbers_are_days_and_times() {
        let at = |text: &str| serial(text).map(|(micros, timed)| (domain::Instant(micros).to_string(), timed));
        // As a spreadsheet shows them.
        for (text, expected) in [
            ("45292", Some(("2024-01-01T00:00:00Z", false))),
            ("45292.75", Some(("2024-01-01T18:00:00Z", true))),
            ("44227.333333333336", Some(("2021-01-31T08:00:00Z", true))),
            ("61", Some(("1900-03-01T00:00:00Z", false))),
            ("60", None),
            ("200000", None),
            ("-45292", None),
            ("4.5292e4", None),
            ("45292.", Some(("2024-01-01T00:00:00Z", false))),
        ] {
            assert_eq!(at(text), expected.map(|(at, timed)| (at.to_owned(), timed)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_period_or_none(text in "[0-9Qq年月季度第三/. A-Za-z-]{0,16}") {
            let _ = (month(&text, Edge::Last), quarter(&text, Edge::First), serial(&text));
        }
    }
}
