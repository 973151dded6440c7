//! Where a week's inflow into a stage came from, and how strong the push was.
//!
//! Inflow counts what arrived between two dates; a stage's stock also holds those that stayed, so
//! shares of the two are never mixed. The module must not know stages: sources are positions.

use crate::ratio::Ratio;

/// A period's inflow by source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inflow {
    /// All that arrived.
    pub total: i128,
    /// Each source's share, in the order given; `None` throughout when nothing arrived.
    pub shares: Option<Vec<Ratio>>,
}

/// Shares of an inflow given by source: deals, or money in minor units.
#[must_use]
pub fn inflow(sources: &[i128]) -> Inflow {
    let total = sources.iter().sum();
    let shares = sources.iter().map(|&source| Ratio::new(source, total)).collect();
    Inflow { total, shares }
}

/// This period's inflow into the commit stage from low stages, by the low stock before; `None`
/// when that stock was empty.
#[must_use]
pub fn push_strength(from_low: i128, low_stock_before: i128) -> Option<Ratio> {
    Ratio::new(from_low, low_stock_before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weekly_inflow_example() {
        let found = inflow(&[91, 80, 112]);
        assert_eq!(found.total, 283);
        let shown: Vec<String> =
            found.shares.expect("something arrived").iter().map(|share| share.percent(1)).collect();
        assert_eq!(shown, ["32.2", "28.3", "39.6"]);
        assert_eq!(inflow(&[0, 0]), Inflow { total: 0, shares: None });
    }

    #[test]
    fn push_against_the_low_stock() {
        assert_eq!(push_strength(91, 650).map(|share| share.percent(1)).as_deref(), Some("14.0"));
        assert_eq!(push_strength(3, 0), None);
    }
}
