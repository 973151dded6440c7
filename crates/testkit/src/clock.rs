//! A clock that shows what it was set to.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use domain::Instant;

/// A clock for tests; it moves only when told to.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock set to an RFC 3339 time such as `2026-11-23T10:00:00Z`.
    ///
    /// # Panics
    /// Where the text is no such time.
    #[must_use]
    pub fn at(time: &str) -> Self {
        let time: DateTime<Utc> = time.parse().expect("a time such as 2026-11-23T10:00:00Z");
        Self(AtomicI64::new(Instant::from_datetime(time).0))
    }

    /// What it shows.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }

    /// Moves it on.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Moves it on by whole days of 24 hours.
    pub fn advance_days(&self, days: i64) {
        self.advance_seconds(days * 86_400);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_only_when_told_to() {
        let clock = FixedClock::at("2026-11-23T10:00:00Z");
        assert_eq!(clock.now(), clock.now());
        clock.advance_days(2);
        clock.advance_seconds(1);
        assert_eq!(clock.now().to_string(), "2026-11-25T10:00:01Z");
    }
}
