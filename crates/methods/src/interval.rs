//! How sure a share is: Wilson bounds for one proportion, Newcombe's for a difference of two.
//!
//! A share of few deals says little, and the textbook interval (p ± z·se) collapses to nothing at
//! 0 of 5 and leaves [0, 1] at 9 of 10. Wilson's score interval does neither. This module must not
//! know what is being counted.

use statrs::function::erf::erf_inv;
use thiserror::Error;

/// What makes a proportion or a level impossible.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum IntervalError {
    /// More successes than trials.
    #[error("{successes} successes cannot come from {trials} trials")]
    MoreThanAll {
        /// Claimed successes.
        successes: u64,
        /// Claimed trials.
        trials: u64,
    },
    /// A confidence level that is not strictly between 0 and 1.
    #[error("a confidence level lies strictly between 0 and 1, not at {level}")]
    Level {
        /// The refused level.
        level: f64,
    },
}

/// A two-sided confidence level, as a share (`0.95`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level(f64);

impl Level {
    /// The house level: 95 %.
    pub const P95: Level = Level(0.95);

    /// A level strictly between 0 and 1.
    ///
    /// # Errors
    /// [`IntervalError::Level`] outside that range, `NaN` included.
    pub fn new(level: f64) -> Result<Level, IntervalError> {
        if level > 0.0 && level < 1.0 { Ok(Level(level)) } else { Err(IntervalError::Level { level }) }
    }

    /// The level as a share.
    #[must_use]
    pub fn share(self) -> f64 {
        self.0
    }

    /// The standard normal quantile of the two-sided level: 1.959964 at 95 %.
    #[must_use]
    pub fn z(self) -> f64 {
        std::f64::consts::SQRT_2 * erf_inv(self.0)
    }
}

impl Default for Level {
    fn default() -> Self {
        Level::P95
    }
}

/// Both ends of an interval, lower first, in the unit of what they bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

/// Successes out of trials; checked once, here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Proportion {
    successes: u64,
    trials: u64,
}

impl Proportion {
    /// `successes` of `trials`; zero trials are allowed and have no rate.
    ///
    /// # Errors
    /// [`IntervalError::MoreThanAll`] when there are more successes than trials.
    pub fn new(successes: u64, trials: u64) -> Result<Proportion, IntervalError> {
        if successes > trials {
            return Err(IntervalError::MoreThanAll { successes, trials });
        }
        Ok(Proportion { successes, trials })
    }

    /// How many succeeded.
    #[must_use]
    pub fn successes(self) -> u64 {
        self.successes
    }

    /// How many were tried.
    #[must_use]
    pub fn trials(self) -> u64 {
        self.trials
    }

    /// The share, in 0..=1; `None` without trials.
    #[must_use]
    pub fn rate(self) -> Option<f64> {
        (self.trials > 0).then(|| self.successes as f64 / self.trials as f64)
    }

    /// Wilson's score interval (E. B. Wilson, JASA 1927), without continuity correction.
    ///
    /// `None` without trials. The end that touches 0 or 1 is exact there.
    #[must_use]
    pub fn wilson(self, level: Level) -> Option<Bounds> {
        let rate = self.rate()?;
        let n = self.trials as f64;
        let z2 = level.z().powi(2);
        let centre = (rate + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = level.z() / (1.0 + z2 / n) * (rate * (1.0 - rate) / n + z2 / (4.0 * n * n)).sqrt();
        Some(Bounds {
            lower: if self.successes == 0 { 0.0 } else { (centre - half).max(0.0) },
            upper: if self.successes == self.trials { 1.0 } else { (centre + half).min(1.0) },
        })
    }
}

/// A difference of two shares with its bounds, in −1..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// First share less second share.
    pub value: f64,
    /// Where the true difference lies, at the level asked for.
    pub bounds: Bounds,
}

impl Difference {
    /// True when the bounds leave zero out on one side.
    #[must_use]
    pub fn excludes_zero(&self) -> bool {
        self.bounds.lower > 0.0 || self.bounds.upper < 0.0
    }
}

/// Newcombe's hybrid score interval for `first − second` of two independent proportions
/// (R. G. Newcombe, Statistics in Medicine 1998, method 10).
///
/// `None` when either has no trials.
#[must_use]
pub fn newcombe(first: Proportion, second: Proportion, level: Level) -> Option<Difference> {
    let (p1, p2) = (first.rate()?, second.rate()?);
    let (w1, w2) = (first.wilson(level)?, second.wilson(level)?);
    let value = p1 - p2;
    let below = ((p1 - w1.lower).powi(2) + (w2.upper - p2).powi(2)).sqrt();
    let above = ((w1.upper - p1).powi(2) + (p2 - w2.lower).powi(2)).sqrt();
    Some(Difference { value, bounds: Bounds { lower: value - below, upper: value + above } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(successes: u64, trials: u64) -> Proportion {
        Proportion::new(successes, trials).expect("a possible proportion")
    }

    /// Published values, one line each: successes, trials, lower, upper.
    const WILSON: &str = "
        0 5     0        0.434482
        1 10    0.017876 0.404150
        7 10    0.396778 0.892209
        50 100  0.403832 0.596168
        5 5     0.565518 1";

    #[test]
    fn wilson_agrees_with_the_published_bounds() {
        for line in WILSON.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let cells: Vec<f64> = line.split_whitespace().map(|cell| cell.parse().expect("a number")).collect();
            let bounds = of(cells[0] as u64, cells[1] as u64).wilson(Level::P95).expect("trials");
            assert!((bounds.lower - cells[2]).abs() < 5e-7, "{line}: {bounds:?}");
            assert!((bounds.upper - cells[3]).abs() < 5e-7, "{line}: {bounds:?}");
        }
    }

    #[test]
    fn newcombe_agrees_with_the_published_difference() {
        let found = newcombe(of(56, 70), of(48, 80), Level::P95).expect("trials on both sides");
        assert!((found.value - 0.2).abs() < 1e-12);
        assert!((found.bounds.lower - 0.052431).abs() < 5e-7, "{found:?}");
        assert!((found.bounds.upper - 0.333873).abs() < 5e-7, "{found:?}");
        assert!(found.excludes_zero());
        let tie = newcombe(of(5, 10), of(5, 10), Level::P95).expect("trials on both sides");
        assert!(!tie.excludes_zero());
    }

    #[test]
    fn nothing_tried_is_undefined_and_the_impossible_is_refused() {
        assert_eq!(of(0, 0).rate(), None);
        assert_eq!(of(0, 0).wilson(Level::P95), None);
        assert_eq!(newcombe(of(0, 0), of(1, 2), Level::P95), None);
        assert_eq!(newcombe(of(1, 2), of(0, 0), Level::P95), None);
        assert_eq!(Proportion::new(3, 2), Err(IntervalError::MoreThanAll { successes: 3, trials: 2 }));
        for level in [0.0, 1.0, -0.1, f64::INFINITY] {
            assert_eq!(Level::new(level), Err(IntervalError::Level { level }));
        }
        assert!(Level::new(f64::NAN).is_err());
    }

    #[test]
    fn the_normal_quantiles_are_the_tabled_ones() {
        for (level, z) in
            [(0.5, 0.674_489_750_196), (0.9, 1.644_853_626_951), (0.95, 1.959_963_984_540), (0.99, 2.575_829_303_549)]
        {
            assert!((Level::new(level).expect("inside").z() - z).abs() < 1e-11, "{level}");
        }
    }

    proptest! {
        /// Wilson's bounds solve |p̂ − p| = z·√(p(1−p)/n): the definition, not the closed form.
        #[test]
        fn bounds_solve_the_score_equation(trials in 1_u64..5_000, part in 0.0..=1.0_f64) {
            let successes = (trials as f64 * part).floor() as u64;
            let share = of(successes, trials);
            let rate = share.rate().expect("trials");
            let bounds = share.wilson(Level::P95).expect("trials");
            prop_assert!(0.0 <= bounds.lower && bounds.lower <= rate);
            prop_assert!(rate <= bounds.upper && bounds.upper <= 1.0);
            for end in [bounds.lower, bounds.upper] {
                if end > 0.0 && end < 1.0 {
                    let reach = Level::P95.z() * (end * (1.0 - end) / trials as f64).sqrt();
                    prop_assert!(((rate - end).abs() - reach).abs() < 1e-9);
                }
            }
        }

        /// Swapping the sides turns the difference round.
        #[test]
        fn the_difference_is_antisymmetric(a in 0_u64..50, b in 0_u64..50, n in 50_u64..80, m in 50_u64..80) {
            let there = newcombe(of(a, n), of(b, m), Level::P95).expect("trials");
            let back = newcombe(of(b, m), of(a, n), Level::P95).expect("trials");
            prop_assert!((there.value + back.value).abs() < 1e-12);
            prop_assert!((there.bounds.lower + back.bounds.upper).abs() < 1e-12);
        }
    }
}
