//! The probability of not having ended by day t, whatever the cause, and what follows from it.

use super::EventTable;
use crate::interval::{Bounds, Level};

/// A product of fractions such as 1/2 · 1 misses one half by a rounding error; quantiles allow it.
const ROUNDING: f64 = 1e-12;

/// The curve from one event day to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalStep {
    /// Age in days from which these values hold.
    pub time_days: u32,
    /// Spells at risk just before.
    pub at_risk: u64,
    /// Spells that ended this day, by any cause.
    pub ended: u64,
    /// Probability of lasting beyond this day.
    pub survival: f64,
    /// Bounds on the log(−log) scale; `None` once nothing survives, where the scale has no value.
    pub bounds: Option<Bounds>,
}

/// A Kaplan–Meier curve.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivalCurve {
    /// One step per event day.
    pub steps: Vec<SurvivalStep>,
    /// Spells behind the curve.
    pub watched: u64,
    /// Youngest age under watch, days.
    pub first_seen_days: u32,
    /// Oldest age under watch, days.
    pub last_seen_days: u32,
}

/// A mean duration up to a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMean {
    /// Mean days spent before ending or before the limit, whichever is first.
    pub mean_days: f64,
    /// The limit used: the one asked for, or the last watched day where watch ended sooner with
    /// some still open (a mean beyond that would be invented).
    pub limit_days: u32,
}

/// The product-limit estimate (Kaplan and Meier, JASA 1958) with Greenwood's variance and log(−log)
/// bounds, all causes together.
#[must_use]
pub fn kaplan_meier(table: &EventTable, level: Level) -> SurvivalCurve {
    let (mut survival, mut greenwood) = (1.0_f64, 0.0_f64);
    let z = level.z();
    let steps = table
        .rows()
        .iter()
        .map(|row| {
            let (at_risk, ended) = (row.at_risk as f64, row.ended() as f64);
            survival *= (row.at_risk - row.ended()) as f64 / at_risk;
            greenwood += ended / (at_risk * (at_risk - ended));
            let bounds = (survival > 0.0).then(|| {
                let reach = z * greenwood.sqrt() / survival.ln().abs();
                Bounds { lower: survival.powf(reach.exp()), upper: survival.powf((-reach).exp()) }
            });
            let (time_days, at_risk, ended) = (row.time_days, row.at_risk, row.ended());
            SurvivalStep { time_days, at_risk, ended, survival, bounds }
        })
        .collect();
    SurvivalCurve {
        steps,
        watched: table.watched(),
        first_seen_days: table.first_seen_days(),
        last_seen_days: table.last_seen_days(),
    }
}

impl SurvivalCurve {
    /// Probability of lasting beyond `time_days`; `None` when nothing was watched, and beyond the
    /// last watched day while some were still open.
    #[must_use]
    pub fn survival_at(&self, time_days: u32) -> Option<f64> {
        if self.watched == 0 {
            return None;
        }
        let held = self.steps.partition_point(|step| step.time_days <= time_days);
        let survival = held.checked_sub(1).map_or(1.0, |last| self.steps[last].survival);
        (time_days <= self.last_seen_days || survival <= 0.0).then_some(survival)
    }

    /// The first day by which at least this share has ended; `None` when the curve never gets
    /// there (too many still open) or the share is not within 0..=1.
    #[must_use]
    pub fn quantile_days(&self, ended_share: f64) -> Option<u32> {
        if !(0.0..=1.0).contains(&ended_share) {
            return None;
        }
        let wanted = 1.0 - ended_share + ROUNDING;
        self.steps.iter().find(|step| step.survival <= wanted).map(|step| step.time_days)
    }

    /// The day by which half have ended.
    #[must_use]
    pub fn median_days(&self) -> Option<u32> {
        self.quantile_days(0.5)
    }

    /// The days by which a quarter, half and three quarters have ended.
    #[must_use]
    pub fn quartiles_days(&self) -> [Option<u32>; 3] {
        [0.25, 0.5, 0.75].map(|share| self.quantile_days(share))
    }

    /// The mean duration restricted to `limit_days`: the area under the curve up to there
    /// (P. Royston and M. Parmar, BMC Med. Res. Methodology 2013). `None` when nothing was watched.
    #[must_use]
    pub fn restricted_mean(&self, limit_days: u32) -> Option<RestrictedMean> {
        if self.watched == 0 {
            return None;
        }
        let all_ended = self.steps.last().is_some_and(|step| step.survival <= 0.0);
        let limit_days = if all_ended { limit_days } else { limit_days.min(self.last_seen_days) };
        let (mut area, mut height, mut from_days) = (0.0, 1.0, 0_u32);
        for step in self.steps.iter().take_while(|step| step.time_days < limit_days) {
            area += height * f64::from(step.time_days - from_days);
            (height, from_days) = (step.survival, step.time_days);
        }
        area += height * f64::from(limit_days - from_days);
        Some(RestrictedMean { mean_days: area, limit_days })
    }
}
