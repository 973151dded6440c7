//! The probability of having ended by each cause by day t, when causes compete.

use super::EventTable;
use crate::interval::{Bounds, Level};

/// The estimate from one event day to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidenceStep {
    /// Age in days from which these values hold.
    pub time_days: u32,
    /// Spells at risk just before.
    pub at_risk: u64,
    /// Probability of not having ended by now, this day included.
    pub survival: f64,
    /// Probability of having ended by now, by cause.
    pub incidence: Vec<f64>,
    /// Standard error of each incidence.
    pub standard_error: Vec<f64>,
}

/// Cumulative incidence as a step function of age.
#[derive(Debug, Clone, PartialEq)]
pub struct CumulativeIncidence {
    /// One step per event day.
    pub steps: Vec<IncidenceStep>,
    /// How many causes compete.
    pub causes: u8,
    /// Spells behind the estimate.
    pub watched: u64,
    /// Youngest age under watch, days.
    pub first_seen_days: u32,
    /// Oldest age under watch, days.
    pub last_seen_days: u32,
}

/// The estimate read at one age.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidenceAt {
    /// The age asked for, days.
    pub horizon_days: u32,
    /// Probability of not having ended by then.
    pub survival: f64,
    /// Probability of having ended by then, by cause.
    pub incidence: Vec<f64>,
    /// Standard error of each incidence.
    pub standard_error: Vec<f64>,
    /// False when the horizon lies beyond everything watched while some had not ended: the values
    /// are those of the last watched day, and true ones can only be higher.
    pub followed: bool,
}

impl CumulativeIncidence {
    /// The values at an age; `None` when nothing was watched at all.
    #[must_use]
    pub fn at(&self, horizon_days: u32) -> Option<IncidenceAt> {
        if self.watched == 0 {
            return None;
        }
        let held = self.steps.partition_point(|step| step.time_days <= horizon_days);
        let zeros = || vec![0.0; usize::from(self.causes)];
        let (survival, incidence, standard_error) = match held.checked_sub(1) {
            None => (1.0, zeros(), zeros()),
            Some(last) => {
                let step = &self.steps[last];
                (step.survival, step.incidence.clone(), step.standard_error.clone())
            }
        };
        let followed = horizon_days <= self.last_seen_days || survival <= 0.0;
        Some(IncidenceAt { horizon_days, survival, incidence, standard_error, followed })
    }
}

impl IncidenceAt {
    /// Bounds of one cause's incidence on the log(−log) scale, so that they stay inside 0..1
    /// (B. Choudhury, Statistics in Medicine 2002). `None` for an unknown cause and where the
    /// scale has no value: at exactly 0 or 1.
    #[must_use]
    pub fn bounds(&self, cause: u8, level: Level) -> Option<Bounds> {
        let value = *self.incidence.get(usize::from(cause))?;
        let error = *self.standard_error.get(usize::from(cause))?;
        if value <= 0.0 || value >= 1.0 {
            return None;
        }
        let reach = level.z() * error / (value * value.ln().abs());
        Some(Bounds { lower: value.powf(reach.exp()), upper: value.powf((-reach).exp()) })
    }
}

/// Running sums behind the variance of one cause's incidence.
///
/// With n at risk, d ended and dₖ by this cause on each day j, and S the survival just before, the
/// delta method gives
/// Var F(t) = Σ (F(t)−Fⱼ)² d/(n(n−d)) + Σ S² dₖ(n−dₖ)/n³ − 2 Σ (F(t)−Fⱼ) S dₖ/n².
/// F(t) grows with t, so the first and third sums are carried along by what F just gained: one pass
/// instead of one per day, and only additions of what is not negative.
#[derive(Debug, Clone, Copy, Default)]
struct Variance {
    incidence: f64,
    hazard: f64,
    hazard_gap: f64,
    hazard_gap_squared: f64,
    own: f64,
    shared: f64,
    shared_gap: f64,
}

impl Variance {
    fn step(&mut self, at_risk: f64, ended: f64, by_cause: f64, survival: f64) {
        let gain = survival * by_cause / at_risk;
        self.incidence += gain;
        self.hazard_gap_squared += gain * (2.0 * self.hazard_gap + gain * self.hazard);
        self.hazard_gap += gain * self.hazard;
        self.shared_gap += gain * self.shared;
        // When all at risk end, survival is zero and F stays: the day's term has a gap of 0 for ever.
        if at_risk > ended {
            self.hazard += ended / (at_risk * (at_risk - ended));
        }
        self.own += survival * survival * by_cause * (at_risk - by_cause) / at_risk.powi(3);
        self.shared += survival * by_cause / (at_risk * at_risk);
    }

    fn standard_error(&self) -> f64 {
        (self.hazard_gap_squared + self.own - 2.0 * self.shared_gap).max(0.0).sqrt()
    }
}

/// Cumulative incidence per cause (Aalen and Johansen, Scand. J. Statistics 1978): each day's
/// share of endings by a cause, times the probability of having lasted until then.
///
/// Late entry and censoring are in the table's risk sets. Survival and the incidences add up to 1
/// at every step. Standard errors are by the delta method (Marubini and Valsecchi 1995, eq. 10.12),
/// the form statsmodels prints.
#[must_use]
pub fn aalen_johansen(table: &EventTable) -> CumulativeIncidence {
    let mut survival = 1.0_f64;
    let mut running = vec![Variance::default(); usize::from(table.causes())];
    let mut steps = Vec::with_capacity(table.rows().len());
    for row in table.rows() {
        let (at_risk, ended) = (row.at_risk as f64, row.ended() as f64);
        for (variance, &by_cause) in running.iter_mut().zip(&row.events) {
            variance.step(at_risk, ended, by_cause as f64, survival);
        }
        survival *= (row.at_risk - row.ended()) as f64 / at_risk;
        steps.push(IncidenceStep {
            time_days: row.time_days,
            at_risk: row.at_risk,
            survival,
            incidence: running.iter().map(|variance| variance.incidence).collect(),
            standard_error: running.iter().map(Variance::standard_error).collect(),
        });
    }
    CumulativeIncidence {
        steps,
        causes: table.causes(),
        watched: table.watched(),
        first_seen_days: table.first_seen_days(),
        last_seen_days: table.last_seen_days(),
    }
}
