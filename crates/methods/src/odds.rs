//! Whether two yes-or-no facts go together: odds ratio and Fisher's exact test on a 2 × 2 table.
//!
//! Used for correlates of winning ("a demo was held": yes/no against won/lost). It must not know
//! what the rows and columns are, nor whether a fact was known in time: that is for the caller.

use statrs::function::factorial::ln_binomial;

use crate::interval::{Bounds, Level};

/// Counts of two facts: `table[i][j]` with rows the first fact (yes, no) and columns the second.
pub type TwoByTwo = [[u64; 2]; 2];

/// Odds ratio with its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OddsRatio {
    /// How many times higher the odds of the second fact are where the first holds; 1 is no relation.
    pub value: f64,
    /// Bounds by the normal approximation on the log scale.
    pub bounds: Bounds,
}

/// The odds ratio with ½ added to every cell (Haldane 1956, Anscombe 1956), so that an empty cell
/// does not make it 0 or infinite; bounds by Woolf's error of its logarithm.
///
/// `None` when a row or a column is empty: then there is nothing to compare.
#[must_use]
pub fn odds_ratio(table: TwoByTwo, level: Level) -> Option<OddsRatio> {
    let [[a, b], [c, d]] = table;
    if [(a, b), (c, d), (a, c), (b, d)].contains(&(0, 0)) {
        return None;
    }
    let [a, b, c, d] = [a, b, c, d].map(|cell| cell as f64 + 0.5);
    let value = a * d / (b * c);
    let reach = level.z() * (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt();
    let bounds = Bounds { lower: value * (-reach).exp(), upper: value * reach.exp() };
    Some(OddsRatio { value, bounds })
}

/// Fisher's exact test, two-sided: the probability, given the margins, of all tables no more
/// likely than this one (Fisher 1935; the two-sided rule R and scipy use). An empty row or column
/// leaves one possible table and so gives 1.
#[must_use]
pub fn fisher_exact(table: TwoByTwo) -> f64 {
    let [[a, b], [c, d]] = table;
    let (row, other, column) = (a + b, c + d, a + c);
    // Up to a constant, the log probability of the table whose first cell is x.
    let ln_weight = |x: u64| ln_binomial(row, x) + ln_binomial(other, column - x);
    let own = ln_weight(a);
    let (mut total, mut extreme) = (0.0_f64, 0.0_f64);
    for x in column.saturating_sub(other)..=row.min(column) {
        let relative = (ln_weight(x) - own).exp();
        total += relative;
        // Equally likely tables must count despite rounding.
        if relative <= 1.0 + 1e-7 {
            extreme += relative;
        }
    }
    (extreme / total).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_published_table() {
        let table = [[5, 1], [2, 10]];
        let ratio = odds_ratio(table, Level::P95).expect("full margins");
        assert!((ratio.value - 15.4).abs() < 1e-12);
        assert!(ratio.bounds.lower > 1.0 && ratio.bounds.upper > ratio.value);
        assert!((fisher_exact(table) - 0.012_821).abs() < 5e-7);
    }

    #[test]
    fn empty_margins() {
        for table in [[[0, 0], [3, 4]], [[0, 3], [0, 4]], [[0, 0], [0, 0]]] {
            assert_eq!(odds_ratio(table, Level::P95), None);
            assert!((fisher_exact(table) - 1.0).abs() < 1e-12);
        }
        // A huge, lopsided table neither overflows nor becomes NaN.
        let p = fisher_exact([[90_000, 10], [10, 90_000]]);
        assert!((0.0..1e-300).contains(&p), "{p}");
    }

    proptest! {
        /// Shuffling: with the margins fixed, the chance of a table is C·C/C, summed directly.
        #[test]
        fn fisher_agrees_with_counting(a in 0_u64..9, b in 0_u64..9, c in 0_u64..9, d in 0_u64..9) {
            fn choose(n: u64, k: u64) -> u128 {
                (0..k).fold(1, |value, step| value * u128::from(n - step) / u128::from(step + 1))
            }
            let weight = |x: u64| choose(a + b, x) * choose(c + d, a + c - x);
            let range = (a + c).saturating_sub(c + d)..=(a + b).min(a + c);
            let total: u128 = range.clone().map(weight).sum();
            let extreme: u128 = range.map(weight).filter(|&one| one <= weight(a)).sum();
            let wanted = extreme as f64 / total as f64;
            prop_assert!((fisher_exact([[a, b], [c, d]]) - wanted).abs() < 1e-9);
        }

        /// Turning the table round turns the ratio over.
        #[test]
        fn swapping_rows_inverts(a in 1_u64..50, b in 0_u64..50, c in 0_u64..50, d in 1_u64..50) {
            let one = odds_ratio([[a, b], [c, d]], Level::P95).expect("full margins").value;
            let other = odds_ratio([[c, d], [a, b]], Level::P95).expect("full margins").value;
            prop_assert!((one * other - 1.0).abs() < 1e-9);
        }
    }
}
