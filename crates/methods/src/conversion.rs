//! Cohort conversion from one step to the next, in the three readings people mistake for another.
//!
//! Of a cohort that entered a stage: how many of *all* have gone on (too low while some are still
//! there), how many of the *resolved* (too high or too low, as the quick endings come first), and
//! the probability of having gone on by a *horizon*, which uses the unresolved for as long as they
//! were watched. They are shown side by side because none replaces another. The module must not
//! know stages or reach rules: the caller says which cause means forward.

use crate::interval::{Bounds, Level};
use crate::ratio::BoundedRatio;
use crate::survival::{End, EventTable, SpellHistogram, SurvivalError, aalen_johansen};

/// The horizon reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HorizonReading {
    /// Days since entry at which it is read.
    pub horizon_days: u32,
    /// Probability of having gone forward by then.
    pub forward: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Its bounds; `None` where the estimate is exactly 0 or 1.
    pub bounds: Option<Bounds>,
    /// Probability of neither having gone forward nor ended otherwise by then.
    pub unresolved: f64,
    /// False when nobody was watched as long as the horizon: the reading is then too low.
    pub followed: bool,
}

/// A cohort's conversion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conversion {
    /// Spells in the cohort.
    pub entered: u64,
    /// Went forward.
    pub forward: u64,
    /// Ended in any other way.
    pub otherwise: u64,
    /// Neither yet.
    pub pending: u64,
    /// Forward by entered.
    pub of_all: Option<BoundedRatio>,
    /// Forward by forward + otherwise.
    pub of_resolved: Option<BoundedRatio>,
    /// By Aalen–Johansen at the horizon; `None` for an empty cohort.
    pub at_horizon: Option<HorizonReading>,
}

/// Reads a cohort's conversion: `forward` is the cause that means it went on, of `causes` in all.
///
/// # Errors
/// [`SurvivalError::UnknownCause`] when `forward` or a spell's cause is not among `causes`.
pub fn conversion(
    cohort: &SpellHistogram,
    forward: u8,
    causes: u8,
    horizon_days: u32,
    level: Level,
) -> Result<Conversion, SurvivalError> {
    if forward >= causes {
        return Err(SurvivalError::UnknownCause { cause: forward, causes });
    }
    let table = EventTable::from_histogram(cohort, causes)?;
    let entered = cohort.spells();
    let (gone, pending) = (cohort.ended(End::Cause(forward)), cohort.ended(End::Open));
    let resolved = entered - pending;
    let slot = usize::from(forward);
    let at_horizon = aalen_johansen(&table).at(horizon_days).map(|at| HorizonReading {
        horizon_days,
        forward: at.incidence[slot],
        standard_error: at.standard_error[slot],
        bounds: at.bounds(forward, level),
        unresolved: at.survival,
        followed: at.followed,
    });
    Ok(Conversion {
        entered,
        forward: gone,
        otherwise: resolved - gone,
        pending,
        of_all: BoundedRatio::of(gone, entered, level),
        of_resolved: BoundedRatio::of(gone, resolved, level),
        at_horizon,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survival::Spell;

    fn cohort(cells: &[(u32, End, u64)]) -> SpellHistogram {
        SpellHistogram::from_cells(
            cells.iter().map(|&(exit_days, end, count)| (Spell { entry_days: 0, exit_days, end }, count)),
        )
        .expect("possible spells")
    }

    #[test]
    fn three_readings_of_one_cohort() {
        let ten = cohort(&[
            (3, End::Cause(0), 1),
            (5, End::Cause(1), 1),
            (5, End::Open, 1),
            (8, End::Cause(0), 2),
            (20, End::Open, 5),
        ]);
        let found = conversion(&ten, 0, 2, 10, Level::P95).expect("two causes");
        assert_eq!((found.entered, found.forward, found.otherwise, found.pending), (10, 3, 1, 6));
        assert_eq!(found.of_all.expect("entered").ratio.percent(0), "30");
        assert_eq!(found.of_resolved.expect("resolved").ratio.percent(0), "75");
        // .1 on day 3; .9 · 1/9 lost on day 5; .8 · 2/7 on day 8.
        let at = found.at_horizon.expect("entered");
        assert!((at.forward - (0.1 + 0.8 * 2.0 / 7.0)).abs() < 1e-12 && at.followed);
        assert!((at.unresolved - 0.8 * 5.0 / 7.0).abs() < 1e-12);
        let late = conversion(&ten, 0, 2, 21, Level::P95).expect("two causes").at_horizon.expect("entered");
        assert!(!late.followed);
    }

    #[test]
    fn an_empty_cohort_has_no_rates_and_a_strange_cause_is_refused() {
        let none = conversion(&SpellHistogram::new(), 0, 2, 30, Level::P95).expect("two causes");
        assert_eq!((none.of_all, none.of_resolved, none.at_horizon), (None, None, None));
        let open = conversion(&cohort(&[(4, End::Open, 3)]), 0, 2, 4, Level::P95).expect("two causes");
        assert_eq!(open.of_resolved, None);
        assert!(open.of_all.is_some_and(|rate| rate.ratio.part() == 0));
        assert_eq!(
            conversion(&SpellHistogram::new(), 2, 2, 30, Level::P95),
            Err(SurvivalError::UnknownCause { cause: 2, causes: 2 })
        );
    }
}
