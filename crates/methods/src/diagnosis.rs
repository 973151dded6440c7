//! Replenish or advance: is there too little in the funnel, or does what is in it not move?
//!
//! Each rule is a pure reading of a few numbers that says what it was read from, so that a finding can be shown with
//! its inputs. Amounts are minor units of one currency. The module must not know stages, weeks or people: what is
//! low, first or committed is for the caller.

use crate::ratio::Ratio;

/// The top of the funnel is short below this share of the target.
pub const SHORT_TOP_PERCENT: u32 = 80;
/// New deals have dropped below this share of those before.
pub const SHORT_NEW_PERCENT: u32 = 80;
/// A share is over its standard from this many percent of it on.
pub const OVER_PERCENT: u32 = 115;
/// Periods in a row that a share has to be over its threshold for an alarm.
pub const ALARM_PERIODS: usize = 3;

/// Whether there is too little.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shortage {
    /// Amount in the top stages by the target.
    pub top: Ratio,
    /// New deals by those of the period before.
    pub new: Ratio,
}

impl Shortage {
    /// Reads the rule; `None` where there is no target or nothing was new before.
    #[must_use]
    pub fn read(top_minor: i128, target_minor: Option<i128>, new: u64, new_before: u64) -> Option<Self> {
        let top = Ratio::new(top_minor, target_minor.filter(|target| *target > 0)?)?;
        let new = Ratio::new(i128::from(new), i128::from(new_before))?;
        Some(Self { top, new })
    }

    /// The top is below its bound.
    #[must_use]
    pub fn is_top_thin(&self) -> bool {
        self.top.value() < f64::from(SHORT_TOP_PERCENT) / 100.0
    }

    /// New deals are below their bound.
    #[must_use]
    pub fn is_new_down(&self) -> bool {
        self.new.value() < f64::from(SHORT_NEW_PERCENT) / 100.0
    }

    /// Both are below their bounds.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.is_top_thin() && self.is_new_down()
    }
}

/// How often two Poisson counts of one rate and of equal length would differ by as much or more in this direction:
/// P(X ≤ now) for X ~ Binomial(now + before, ½), the exact one-sided comparison of two Poisson rates (Przyborowski and
/// Wilenski 1940).
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of deals in weeks are far below 2^53")]
pub fn drop_chance(now: u64, before: u64) -> f64 {
    let n = now.saturating_add(before);
    let mut log_term = -(n as f64) * std::f64::consts::LN_2;
    let mut sum = log_term.exp();
    for k in 1..=now {
        log_term += ((n - k + 1) as f64 / k as f64).ln();
        sum += log_term.exp();
    }
    sum.min(1.0)
}

/// A value of this period against the mean of all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgainstMean {
    /// This period's.
    pub now: f64,
    /// The mean over the periods in which it was defined, this one included.
    pub mean: f64,
    /// Periods at the end, in a row, in which it was over [`OVER_PERCENT`] of the mean.
    pub periods_over: usize,
}

impl AgainstMean {
    /// Reads a series, oldest first; `None` where the last is not defined or the mean is not above zero.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "periods are few")]
    pub fn read(series: &[Option<f64>]) -> Option<Self> {
        let now = series.last().copied().flatten()?;
        let defined: Vec<f64> = series.iter().copied().flatten().collect();
        let mean = defined.iter().sum::<f64>() / defined.len() as f64;
        if mean <= 0.0 {
            return None;
        }
        let over = |value: &&Option<f64>| value.is_some_and(|value| value > threshold(mean));
        Some(Self { now, mean, periods_over: series.iter().rev().take_while(over).count() })
    }

    /// Over the threshold for long enough to ring.
    #[must_use]
    pub fn is_alarm(&self) -> bool {
        self.periods_over >= ALARM_PERIODS
    }

    /// Over the threshold now.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.periods_over > 0
    }

    /// At least the mean: for a strength, where more is better.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        self.now >= self.mean
    }

    /// The value from which on it is over.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        threshold(self.mean)
    }
}

fn threshold(mean: f64) -> f64 {
    mean * f64::from(OVER_PERCENT) / 100.0
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Findings {
    /// Too little.
    pub shortage: Option<Shortage>,
    /// Inflow into the commit stage from low ones by the low stock before.
    pub push: Option<AgainstMean>,
    /// The low stages' share of the amount.
    pub low_share: Option<AgainstMean>,
    /// The first stage's share of the amount.
    pub first_share: Option<AgainstMean>,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Bring new deals in.
    Replenish,
    /// Move what is there.
    Advance,
    /// Both, what is there first.
    Both,
    /// Nothing stands out.
    Neither,
}

impl Findings {
    /// The decision table. A push that is not defined counts neither as strong nor as weak.
    #[must_use]
    pub fn advice(&self) -> Advice {
        let short = self.shortage.is_some_and(|shortage| shortage.is_short());
        let weak = self.push.is_some_and(|push| !push.is_strong());
        let alarm = self.first_share.is_some_and(|share| share.is_alarm());
        let low_over = self.low_share.is_some_and(|share| share.is_over());
        match (short, weak) {
            (true, true) if !alarm => Advice::Both,
            (true, _) => Advice::Replenish,
            (false, true) if low_over => Advice::Advance,
            (false, _) if alarm => Advice::Advance,
            (false, _) => Advice::Neither,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_needs_both_a_thin_top_and_fewer_new_ones() {
        // top, target, new, before → short
        for (top, target, new, before, expected) in [
            (79, Some(100), 7, 10, Some(true)),
            (80, Some(100), 7, 10, Some(false)),
            (79, Some(100), 8, 10, Some(false)),
            (79, None, 7, 10, None),
            (79, Some(0), 7, 10, None),
            (79, Some(100), 7, 0, None),
        ] {
            let found = Shortage::read(top, target, new, before).map(|shortage| shortage.is_short());
            assert_eq!(found, expected, "{top} of {target:?}, {new} after {before}");
        }
    }

    #[test]
    fn a_drop_by_chance_is_a_binomial_tail() {
        // scipy.stats.binom.cdf(now, now + before, 0.5)
        for (now, before, expected) in [
            (0, 0, 1.0),
            (0, 5, 0.03125),
            (5, 0, 1.0),
            (3, 9, 0.072_998_046_875),
            (20, 30, 0.101_319_375_532_270_33),
            (400, 500, 0.000_478_222_068_459_473_05),
        ] {
            let found = drop_chance(now, before);
            assert!((found - expected).abs() < 1e-12, "{now} after {before}: {found}");
        }
    }

    #[test]
    fn an_alarm_rings_after_three_periods_over_its_threshold() {
        let share = |series: &[f64]| {
            let series: Vec<_> = series.iter().copied().map(Some).collect();
            AgainstMean::read(&series).expect("defined")
        };
        // Mean 0.13, threshold 0.1495.
        let rung = share(&[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2]);
        assert_eq!((rung.periods_over, rung.is_alarm()), (3, true));
        let broken = share(&[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.1, 0.2, 0.2]);
        assert_eq!((broken.periods_over, broken.is_alarm(), broken.is_over()), (2, false, true));
        assert_eq!(AgainstMean::read(&[Some(0.2), None]), None, "the last is not defined");
        assert_eq!(AgainstMean::read(&[Some(0.0)]), None, "nothing to compare with");
    }

    /// Every row of the decision table: short, push, low share over, first-stage alarm.
    #[test]
    fn the_decision_table() {
        let short = Shortage::read(10, Some(100), 5, 10);
        let mean = |now: f64, periods_over| Some(AgainstMean { now, mean: 1.0, periods_over });
        let (strong, weak, over, alarm) = (mean(1.0, 0), mean(0.9, 0), mean(1.2, 1), mean(1.2, 3));
        for (shortage, push, low_share, first_share, expected) in [
            (short, strong, None, None, Advice::Replenish),
            (short, None, None, None, Advice::Replenish),
            (short, weak, None, None, Advice::Both),
            (short, weak, None, alarm, Advice::Replenish),
            (None, weak, over, None, Advice::Advance),
            (None, weak, None, None, Advice::Neither),
            (None, strong, over, None, Advice::Neither),
            (None, strong, None, alarm, Advice::Advance),
            (None, None, None, None, Advice::Neither),
        ] {
            let findings = Findings { shortage, push, low_share, first_share };
            assert_eq!(findings.advice(), expected, "{findings:?}");
        }
    }
}
