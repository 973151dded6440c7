//! A sales funnel whose truth is known, to hold estimators against.
//!
//! Real data never tell what the open deals will become. Here every deal is born with its fate (won
//! or lost, and after how many days), and the observer sees only what a record of that day would
//! show. An estimator that is fed the observation must find the truth; the readings people like to
//! take instead (won by closed, won by created) must miss it. The module is public so that the tests
//! of other crates can put their own paths through it. It must not know any estimator.
//!
//! The generator is a parameter; with the same seed the same world comes back.
//!
//! ```
//! use methods::simulate::{Fate, Plan, Weibull};
//! use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
//!
//! let plan = Plan {
//!     deals: 100,
//!     entry_window_days: 365,
//!     won_share: 0.25,
//!     won: Weibull { shape: 2.0, scale_days: 150.0 },
//!     lost: Weibull { shape: 1.0, scale_days: 60.0 },
//! };
//! let world = plan.simulate(&mut ChaCha8Rng::seed_from_u64(7)).expect("a possible plan");
//! let seen = world.observe(0, 365);
//! assert_eq!(seen.created, 100);
//! assert!(world.truth(Fate::Won, 90).expect("deals") <= world.truth(Fate::Won, 900).expect("deals"));
//! ```

use rand_core::Rng;
use thiserror::Error;

use crate::survival::{End, Spell, SpellHistogram};

/// The cause number of a win in [`Observation::spells`].
pub const WON: u8 = 0;
/// The cause number of a loss in [`Observation::spells`].
pub const LOST: u8 = 1;

/// What makes a plan impossible.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum PlanError {
    /// The share of wins must be a probability.
    #[error("a won share of {won_share} is outside 0..=1")]
    WonShare {
        /// The share given.
        won_share: f64,
    },
    /// A duration needs a shape and a scale above zero.
    #[error("a Weibull distribution with shape {shape} and scale {scale_days} days does not exist")]
    Duration {
        /// The shape given.
        shape: f64,
        /// The scale given.
        scale_days: f64,
    },
}

/// A duration's distribution: P(T ≤ t) = 1 − exp(−(t / scale)^shape). Shape 1 is memoryless; above
/// 1 there is a typical duration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weibull {
    /// Shape, above 0.
    pub shape: f64,
    /// Scale in days, above 0: 63 % are done by then.
    pub scale_days: f64,
}

/// What kind of funnel to simulate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// How many deals are created.
    pub deals: u32,
    /// They are created evenly over the days 0 up to, not including, this one (at least day 0).
    pub entry_window_days: u32,
    /// The true share that will be won, sooner or later.
    pub won_share: f64,
    /// How long wins take.
    pub won: Weibull,
    /// How long losses take.
    pub lost: Weibull,
}

/// How a deal will end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// Won.
    Won,
    /// Lost.
    Lost,
}

/// A deal with its whole future.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Deal {
    /// Day of creation.
    pub created_day: u32,
    /// How it will end.
    pub fate: Fate,
    /// After how many whole days.
    pub duration_days: u32,
}

/// All deals, fates included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    /// In order of creation by the generator.
    pub deals: Vec<Deal>,
}

/// What a record that starts on one day shows on another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Spells by cause [`WON`] and [`LOST`], with late entry for deals older than the record.
    pub spells: SpellHistogram,
    /// Deals on record.
    pub created: u64,
    /// Of these, won by now.
    pub won: u64,
    /// Of these, lost by now.
    pub lost: u64,
}

impl Plan {
    /// Draws a world, three numbers a deal.
    ///
    /// # Errors
    /// [`PlanError`] when the plan is impossible.
    pub fn simulate(&self, generator: &mut impl Rng) -> Result<World, PlanError> {
        let won_share = self.won_share;
        if !(0.0..=1.0).contains(&won_share) {
            return Err(PlanError::WonShare { won_share });
        }
        for Weibull { shape, scale_days } in [self.won, self.lost] {
            let possible = shape > 0.0 && scale_days > 0.0;
            if !(possible && shape.is_finite() && scale_days.is_finite()) {
                return Err(PlanError::Duration { shape, scale_days });
            }
        }
        let deals = (0..self.deals).map(|_| self.deal(generator)).collect();
        Ok(World { deals })
    }

    fn deal(&self, generator: &mut impl Rng) -> Deal {
        let created_day = (unit(generator) * f64::from(self.entry_window_days)).floor() as u32;
        let (fate, duration) =
            if unit(generator) < self.won_share { (Fate::Won, self.won) } else { (Fate::Lost, self.lost) };
        let days = duration.scale_days * (-(-unit(generator)).ln_1p()).powf(duration.shape.recip());
        // Whole days passed; the cast holds absurdly long durations at the largest day.
        Deal { created_day, fate, duration_days: days.floor() as u32 }
    }
}

/// A number in 0..1, never 1: the upper 53 bits of one draw.
fn unit(generator: &mut impl Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

impl World {
    /// The true share of all deals that end this way within `horizon_days`; `None` without deals.
    #[must_use]
    pub fn truth(&self, fate: Fate, horizon_days: u32) -> Option<f64> {
        let ended = self.deals.iter().filter(|deal| deal.fate == fate && deal.duration_days <= horizon_days).count();
        (!self.deals.is_empty()).then(|| ended as f64 / self.deals.len() as f64)
    }

    /// What a record kept from `record_starts_day` on knows at the end of `as_of_day`. Deals that
    /// ended before the record began are unknown to it; deals then open enter late.
    #[must_use]
    pub fn observe(&self, record_starts_day: u32, as_of_day: u32) -> Observation {
        let mut seen = Observation { spells: SpellHistogram::new(), created: 0, won: 0, lost: 0 };
        // Before the record begins there is nothing to see; from here on entry is never after exit.
        let deals = if as_of_day < record_starts_day { &[] } else { self.deals.as_slice() };
        for deal in deals {
            let ends_day = deal.created_day.saturating_add(deal.duration_days);
            if deal.created_day > as_of_day || ends_day < record_starts_day {
                continue;
            }
            seen.created += 1;
            let entry_days = record_starts_day.saturating_sub(deal.created_day);
            let (exit_days, end) = if ends_day > as_of_day {
                (as_of_day - deal.created_day, End::Open)
            } else {
                match deal.fate {
                    Fate::Won => seen.won += 1,
                    Fate::Lost => seen.lost += 1,
                }
                let cause = if deal.fate == Fate::Won { WON } else { LOST };
                (deal.duration_days, End::Cause(cause))
            };
            let spell = Spell { entry_days, exit_days, end };
            let added = seen.spells.add(spell, 1);
            debug_assert!(added.is_ok(), "a deal on record ends on or after the day the record begins");
        }
        seen
    }
}

impl Observation {
    /// Won by closed: a reading that is wrong while losses and wins take different times.
    #[must_use]
    pub fn won_by_closed(&self) -> Option<f64> {
        let closed = self.won + self.lost;
        (closed > 0).then(|| self.won as f64 / closed as f64)
    }

    /// Won by created: a reading that is wrong while deals are open.
    #[must_use]
    pub fn won_by_created(&self) -> Option<f64> {
        (self.created > 0).then(|| self.won as f64 / self.created as f64)
    }
}
