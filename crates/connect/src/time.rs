//! Times as sources write them: read, and written again in the same form, so that a source compares them rightly.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Offset, Utc};

/// Microseconds of a second.
pub(crate) const MICROS: i64 = 1_000_000;

/// A time that a source has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time {
    /// Microseconds since 1970; where there is no zone, as if it were UTC.
    pub(crate) micros: i64,
    /// How far its clock is from UTC, where that is written.
    pub(crate) zone: Option<FixedOffset>,
}

impl From<NaiveDateTime> for Time {
    fn from(at: NaiveDateTime) -> Self {
        Self { micros: at.and_utc().timestamp_micros(), zone: None }
    }
}

impl From<DateTime<FixedOffset>> for Time {
    fn from(at: DateTime<FixedOffset>) -> Self {
        Self { micros: at.timestamp_micros(), zone: Some(*at.offset()) }
    }
}

impl Time {
    /// Reads ISO 8601, with an offset or without.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(at) = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)) {
            return Some(at.into());
        }
        for form in ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z"] {
            if let Ok(at) = DateTime::parse_from_str(text, form) {
                return Some(at.into());
            }
        }
        for form in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
            if let Ok(at) = NaiveDateTime::parse_from_str(text, form) {
                return Some(at.into());
            }
        }
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0).map(Self::from)
    }

    pub(crate) const fn less(self, micros: i64) -> Self {
        Self { micros: self.micros.saturating_sub(micros), zone: self.zone }
    }

    /// In the form of another text: its separator, its decimals, the zone and how that is written.
    pub(crate) fn written_like(self, like: &str) -> String {
        let zone = self.zone.unwrap_or_else(|| Utc.fix());
        let at = DateTime::<Utc>::from_timestamp_micros(self.micros).unwrap_or_default().with_timezone(&zone);
        let like = like.trim();
        if like.len() == 10 {
            return at.format("%Y-%m-%d").to_string();
        }
        let fraction = match like.split_once('.').map(|(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count()) {
            None => "",
            Some(0..=3) => "%.3f",
            Some(_) => "%.6f",
        };
        let separator = if like.as_bytes().get(10) == Some(&b' ') { " " } else { "T" };
        let mut out = at.format(&format!("%Y-%m-%d{separator}%H:%M:%S{fraction}")).to_string();
        let clock = like.get(11..).unwrap_or_default();
        if clock.ends_with(['Z', 'z']) {
            out.push('Z');
        } else if let Some(sign) = clock.rfind(['+', '-']) {
            let short = at.format("%z").to_string();
            match clock.len() - sign {
                3 => out.push_str(&short[..3]),
                5 => out.push_str(&short),
                _ => out.push_str(&at.format("%:z").to_string()),
            }
        }
        out
    }

    /// As a database takes one without a zone: in UTC.
    pub(crate) fn naive(self) -> Option<NaiveDateTime> {
        DateTime::<Utc>::from_timestamp_micros(self.micros).map(|at| at.naive_utc())
    }
}
