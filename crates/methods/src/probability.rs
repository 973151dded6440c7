//! The historical probability of winning from a stage, per segment.
//!
//! Not won by resolved, which is wrong as long as losses and wins take different times, but the
//! share won by a horizon H from the day the stage was reached, with open deals counted for as long
//! as they were watched; then shrunk toward the process, so that a segment with three deals does
//! not speak louder than it should. H is the 95th percentile of the won durations of the whole: by
//! then nearly all wins that will come have come. The module must not know configured weights.

use crate::interval::{Bounds, Level};
use crate::shrinkage::{Prior, Segment, ShrinkageError};
use crate::survival::{End, EventTable, IncidenceAt, SpellHistogram, SurvivalError, aalen_johansen};
use thiserror::Error;

/// Why a historical probability cannot be computed.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ProbabilityError {
    /// The spells are impossible.
    #[error(transparent)]
    Survival(#[from] SurvivalError),
    /// A segment's estimate is impossible.
    #[error(transparent)]
    Shrinkage(#[from] ShrinkageError),
}

/// A segment's historical probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Historical {
    /// The shrunk probability of having won by the horizon.
    pub share: f64,
    /// Its bounds; `None` where even the whole has none (nothing, or everything, was won).
    pub bounds: Option<Bounds>,
    /// The segment's own estimate, unshrunk; `None` when it has no spells.
    pub own: Option<IncidenceAt>,
    /// Spells behind it.
    pub spells: u64,
}

/// The probabilities of all segments of one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoricalProbabilities {
    /// H, days since the stage was reached.
    pub horizon_days: u32,
    /// The whole's own estimate at H.
    pub whole: IncidenceAt,
    /// What the segments were shrunk toward, and why if all were pooled.
    pub prior: Prior,
    /// One per segment, in the order given.
    pub segments: Vec<Historical>,
}

/// Historical probabilities of one stage by segment: each histogram holds the spells since the
/// stage was reached, `won` is the winning cause of `causes`.
///
/// `None` when nothing was ever won: then there is no horizon to read at.
///
/// # Errors
/// [`ProbabilityError`] on causes outside the table.
pub fn historical(
    segments: &[SpellHistogram],
    won: u8,
    causes: u8,
    level: Level,
) -> Result<Option<HistoricalProbabilities>, ProbabilityError> {
    if won >= causes {
        return Err(SurvivalError::UnknownCause { cause: won, causes }.into());
    }
    let mut all = SpellHistogram::new();
    segments.iter().for_each(|one| all.merge(one));
    let Some(horizon_days) = all.durations_of(won).quantile_days(95, 100) else {
        return Ok(None);
    };
    let read = |spells: &SpellHistogram| -> Result<Option<IncidenceAt>, SurvivalError> {
        Ok(aalen_johansen(&EventTable::from_histogram(spells, causes)?).at(horizon_days))
    };
    let Some(whole) = read(&all)? else { return Ok(None) };
    let own = segments.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let counted: Vec<Segment> =
        own.iter().zip(segments).map(|(at, spells)| informative(at.as_ref(), spells, won, horizon_days)).collect();
    let slot = usize::from(won);
    let alike =
        || Prior::Pooled { rate: whole.incidence[slot], reason: crate::shrinkage::PooledReason::NoVarianceBetween };
    // A pooled prior takes the whole's censoring-aware share, not the sum of effective counts.
    let prior = match Prior::fit(&counted)?.unwrap_or_else(alike) {
        Prior::Pooled { reason, .. } => Prior::Pooled { rate: whole.incidence[slot], reason },
        beta @ Prior::Beta { .. } => beta,
    };
    let whole_bounds = whole.bounds(won, level);
    let segments = own
        .into_iter()
        .zip(segments)
        .zip(counted)
        .map(|((own, spells), counted)| {
            let shrunk = prior.shrink(counted, level)?;
            let bounds = shrunk.bounds.or(whole_bounds);
            Ok(Historical { share: shrunk.mean, bounds, own, spells: spells.spells() })
        })
        .collect::<Result<Vec<_>, ShrinkageError>>()?;
    Ok(Some(HistoricalProbabilities { horizon_days, whole, prior, segments }))
}

/// How many complete observations an estimate is worth. Where it is exactly 0 or 1 its error is 0
/// and says nothing; then the spells whose fate at the horizon is known are counted.
fn informative(at: Option<&IncidenceAt>, spells: &SpellHistogram, won: u8, horizon_days: u32) -> Segment {
    let Some(at) = at else { return Segment::counted(0, 0) };
    let slot = usize::from(won);
    Segment::from_estimate(at.incidence[slot], at.standard_error[slot]).unwrap_or_else(|| {
        let known: u64 = spells
            .cells()
            .filter(|(spell, _)| spell.end != End::Open || spell.exit_days >= horizon_days)
            .map(|(_, count)| count)
            .sum();
        let trials = known as f64;
        Segment { successes: at.incidence[slot].min(1.0) * trials, trials }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shrinkage::PooledReason;
    use crate::survival::Spell;

    fn spells(cells: &[(u32, End, u64)]) -> SpellHistogram {
        SpellHistogram::from_cells(
            cells.iter().map(|&(exit_days, end, count)| (Spell { entry_days: 0, exit_days, end }, count)),
        )
        .expect("possible")
    }

    #[test]
    fn without_open_deals_it_is_the_shrunk_share_of_wins() {
        let counts = [(3, 10), (10, 25), (1, 8), (0, 5), (25, 60), (7, 9), (2, 12)];
        let segments: Vec<SpellHistogram> =
            counts.iter().map(|&(k, n)| spells(&[(20, End::Cause(0), k), (9, End::Cause(1), n - k)])).collect();
        let found = historical(&segments, 0, 2, Level::P95).expect("possible").expect("wins");
        assert_eq!(found.horizon_days, 20);
        assert!((found.whole.incidence[0] - 48.0 / 129.0).abs() < 1e-12);
        let means = [0.319_103, 0.382_409, 0.243_297, 0.225_246, 0.405_502, 0.546_853, 0.244_517];
        for (segment, mean) in found.segments.iter().zip(means) {
            assert!((segment.share - mean).abs() < 5e-7, "{segment:?}");
            assert!(segment.bounds.is_some_and(|bounds| bounds.lower < mean && mean < bounds.upper));
        }
    }

    #[test]
    fn few_segments_take_the_whole_and_nothing_won_has_no_horizon() {
        let some = spells(&[(4, End::Cause(0), 2), (2, End::Cause(1), 5), (6, End::Open, 4)]);
        let found =
            historical(&[some.clone(), SpellHistogram::new()], 0, 2, Level::P95).expect("possible").expect("wins");
        assert_eq!(
            found.prior,
            Prior::Pooled { rate: found.whole.incidence[0], reason: PooledReason::TooFewSegments { found: 1 } }
        );
        assert!(
            found
                .segments
                .iter()
                .all(|one| (one.share - found.whole.incidence[0]).abs() < 1e-15 && one.bounds.is_some())
        );
        assert_eq!(found.segments[1].own, None);
        assert_eq!(historical(&[spells(&[(4, End::Cause(1), 2)])], 0, 2, Level::P95), Ok(None));
        assert!(historical(&[some], 2, 2, Level::P95).is_err());
    }
}
