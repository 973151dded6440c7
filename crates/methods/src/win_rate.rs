//! The win rate and the readings that must stand beside it.
//!
//! "Win rate" means won by decided; the other denominators (created, leads, verified leads,
//! followed opportunities, cancelled included) answer other questions and are never mixed in
//! silently. By count each proper share carries Wilson bounds. The module must not know which deals
//! were counted: the caller states the population and the period.

use crate::interval::Level;
use crate::ratio::{BoundedRatio, Ratio};

/// Above this many percent over a year a win rate deserves a second look rather than praise.
pub const TOO_HIGH_PERCENT: u32 = 60;

/// Deals with one outcome: how many, and their exact sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// Deals.
    pub deals: u64,
    /// Their amount in minor units of one currency.
    pub amount_minor: i128,
}

/// What a period is asked for. An extra denominator that nobody counted is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct WinCounts {
    /// Won in the period.
    pub won: Outcome,
    /// Lost in the period.
    pub lost: Outcome,
    /// Cancelled in the period.
    pub cancelled: Outcome,
    /// Opportunities created in the period.
    pub created: Option<u64>,
    /// Leads that came in.
    pub leads: Option<u64>,
    /// Leads that were verified.
    pub verified_leads: Option<u64>,
    /// Opportunities with at least one activity in the period.
    pub followed: Option<u64>,
}

/// Every reading of the win rate; `None` where the denominator is empty or was not counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WinRate {
    /// Won by won + lost, deals. *The* win rate.
    pub by_count: Option<BoundedRatio>,
    /// Won by won + lost, money.
    pub by_amount: Option<Ratio>,
    /// Won by won + lost + cancelled, deals.
    pub by_count_with_cancelled: Option<BoundedRatio>,
    /// Won by won + lost + cancelled, money.
    pub by_amount_with_cancelled: Option<Ratio>,
    /// Won by created in the period. Not a share: wins of the period may have been created before.
    pub per_created: Option<Ratio>,
    /// Won by leads.
    pub per_lead: Option<Ratio>,
    /// Won by verified leads.
    pub per_verified_lead: Option<Ratio>,
    /// Won by followed opportunities.
    pub per_followed: Option<Ratio>,
}

impl WinRate {
    /// True when the win rate by count exceeds `percent` ([`TOO_HIGH_PERCENT`] by default), exactly
    /// compared; `None` when there is none.
    #[must_use]
    pub fn is_too_high(&self, percent: u32) -> Option<bool> {
        self.by_count.map(|rate| rate.ratio.exceeds_percent(percent))
    }
}

/// All readings of one period.
#[must_use]
pub fn win_rate(counts: &WinCounts, level: Level) -> WinRate {
    let WinCounts { won, lost, cancelled, .. } = *counts;
    let decided_minor = won.amount_minor + lost.amount_minor;
    let per = |whole: Option<u64>| whole.and_then(|whole| Ratio::new(won.deals, whole));
    WinRate {
        by_count: BoundedRatio::of(won.deals, won.deals + lost.deals, level),
        by_amount: Ratio::new(won.amount_minor, decided_minor),
        by_count_with_cancelled: BoundedRatio::of(won.deals, won.deals + lost.deals + cancelled.deals, level),
        by_amount_with_cancelled: Ratio::new(won.amount_minor, decided_minor + cancelled.amount_minor),
        per_created: per(counts.created),
        per_lead: per(counts.leads),
        per_verified_lead: per(counts.verified_leads),
        per_followed: per(counts.followed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(won: u64, lost: u64, cancelled: u64) -> WinCounts {
        let of = |deals: u64, each_minor: i128| Outcome { deals, amount_minor: i128::from(deals) * each_minor };
        WinCounts { won: of(won, 100), lost: of(lost, 300), cancelled: of(cancelled, 50), ..WinCounts::default() }
    }

    #[test]
    fn each_denominator_has_its_own_reading() {
        let input = WinCounts {
            created: Some(10),
            leads: Some(100),
            verified_leads: Some(40),
            followed: Some(20),
            ..counts(4, 6, 10)
        };
        let found = win_rate(&input, Level::P95);
        let shown = |ratio: Option<Ratio>| ratio.map(|ratio| ratio.percent(2)).unwrap_or_default();
        let by_count = found.by_count.expect("ten decided");
        assert_eq!(by_count.ratio, Ratio::new(4, 10).expect("whole"));
        assert!((by_count.bounds.lower - 0.168_180).abs() < 5e-7 && (by_count.bounds.upper - 0.687_326).abs() < 5e-7);
        assert_eq!(shown(found.by_amount), "18.18");
        assert_eq!(shown(found.by_count_with_cancelled.map(|rate| rate.ratio)), "20.00");
        assert_eq!(shown(found.by_amount_with_cancelled), "14.81");
        assert_eq!(shown(found.per_created), "40.00");
        assert_eq!(shown(found.per_lead), "4.00");
        assert_eq!(shown(found.per_verified_lead), "10.00");
        assert_eq!(shown(found.per_followed), "20.00");
    }

    #[test]
    fn the_counted_examples() {
        for (won, lost, shown) in [(1, 9, "10"), (8, 2, "80"), (2, 18, "10"), (2, 48, "4")] {
            let rate = win_rate(&counts(won, lost, 0), Level::P95).by_count.expect("decided");
            assert_eq!(rate.ratio.percent(0), shown);
        }
    }

    #[test]
    fn nothing_decided_is_undefined_and_sixty_percent_is_not_yet_too_high() {
        let none = win_rate(&WinCounts { created: Some(0), ..counts(0, 0, 0) }, Level::P95);
        assert_eq!((none.by_count, none.by_amount, none.per_created, none.per_lead), (None, None, None, None));
        assert_eq!(none.is_too_high(TOO_HIGH_PERCENT), None);
        assert!(win_rate(&counts(0, 0, 3), Level::P95).by_count_with_cancelled.is_some());
        assert_eq!(win_rate(&counts(6, 4, 0), Level::P95).is_too_high(TOO_HIGH_PERCENT), Some(false));
        assert_eq!(win_rate(&counts(601, 399, 0), Level::P95).is_too_high(TOO_HIGH_PERCENT), Some(true));
    }
}
