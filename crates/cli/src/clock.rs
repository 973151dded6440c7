//! The clock: the only place that reads the time.

use domain::Instant;

/// The time on the wall, moved by a constant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    ahead_micros: i64,
}

impl Clock {
    /// The wall's time, or time that starts at `from` and goes on from there.
    pub(crate) fn starting(from: Option<Instant>) -> Self {
        Self { ahead_micros: from.map_or(0, |from| from.0.saturating_sub(wall().0)) }
    }

    pub(crate) fn now(self) -> Instant {
        Instant(wall().0.saturating_add(self.ahead_micros))
    }
}

/// Reads the time of an option.
pub(crate) fn time(text: &str) -> Result<Instant, String> {
    let time = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| "write it as 2026-11-23T09:00:00+08:00")?;
    Ok(Instant::from_datetime(time.to_utc()))
}

#[allow(clippy::disallowed_methods, reason = "the composition root is where the clock is read")]
fn wall() -> Instant {
    Instant::from_datetime(chrono::Utc::now())
}
