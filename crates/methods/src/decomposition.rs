//! Why a total changed: by segment (rate or mix?) and along a chain of factors.
//!
//! A win rate can fall although no segment got worse, because work moved to weaker segments
//! (Simpson's case). Both splits here add up to the change exactly, which is what makes them usable
//! in an argument. The module must not know what segments or factors are.

use thiserror::Error;

/// How far weights may be from summing to one.
const WEIGHT_TOLERANCE: f64 = 1e-9;

/// What makes a decomposition impossible.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum DecompositionError {
    /// A period's weights must sum to 1.
    #[error("the weights of the {period} period sum to {sum}, not to 1")]
    Weights {
        /// Which period.
        period: &'static str,
        /// Their sum.
        sum: f64,
    },
    /// A factor that is not above zero has no logarithm.
    #[error("factor {index} is {value}; a chain needs factors above zero")]
    Factor {
        /// Position in the input.
        index: usize,
        /// The value given.
        value: f64,
    },
}

/// One segment in two periods. A segment that is empty in a period has weight 0 there; its rate is
/// then undefined and the caller gives the other period's, so that all of it counts as mix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SegmentChange {
    /// Share of the denominator before.
    pub weight_before: f64,
    /// Share of the denominator after.
    pub weight_after: f64,
    /// Rate before.
    pub rate_before: f64,
    /// Rate after.
    pub rate_after: f64,
}

/// What one segment contributed to the change of the total.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effects {
    /// Its own rate changed, at its mean weight.
    pub rate: f64,
    /// Its weight changed, at its mean rate against the mean total.
    pub mix: f64,
}

/// The change of a total rate, split by segment.
#[derive(Debug, Clone, PartialEq)]
pub struct RateChange {
    /// Total before.
    pub before: f64,
    /// Total after.
    pub after: f64,
    /// Per segment, in the order given; all together sum to `after − before`.
    pub segments: Vec<Effects>,
}

impl RateChange {
    /// All rate effects together.
    #[must_use]
    pub fn rate_effect(&self) -> f64 {
        self.segments.iter().map(|one| one.rate).sum()
    }

    /// All mix effects together.
    #[must_use]
    pub fn mix_effect(&self) -> f64 {
        self.segments.iter().map(|one| one.mix).sum()
    }
}

/// Splits ΔR of R = Σ w·r into rate effects w̄·Δr and mix effects Δw·(r̄ − R̄), bars being means of
/// the two periods (Kitagawa, JASA 1955, with the mix centred on the mean total so that a growing
/// segment counts for what it is worth against the others).
///
/// # Errors
/// [`DecompositionError::Weights`] when a period's weights do not sum to one.
pub fn rate_change(segments: &[SegmentChange]) -> Result<RateChange, DecompositionError> {
    let sum = |pick: fn(&SegmentChange) -> f64| segments.iter().map(pick).sum::<f64>();
    for (period, sum) in [("earlier", sum(|one| one.weight_before)), ("later", sum(|one| one.weight_after))] {
        if (sum - 1.0).abs() > WEIGHT_TOLERANCE || sum.is_nan() {
            return Err(DecompositionError::Weights { period, sum });
        }
    }
    let before = sum(|one| one.weight_before * one.rate_before);
    let after = sum(|one| one.weight_after * one.rate_after);
    let centre = f64::midpoint(before, after);
    let segments = segments
        .iter()
        .map(|one| Effects {
            rate: f64::midpoint(one.weight_before, one.weight_after) * (one.rate_after - one.rate_before),
            mix: (one.weight_after - one.weight_before) * (f64::midpoint(one.rate_before, one.rate_after) - centre),
        })
        .collect();
    Ok(RateChange { before, after, segments })
}

/// The logarithmic mean of two positive numbers: (b − a) / ln(b / a), and a when they are equal.
fn logarithmic_mean(a: f64, b: f64) -> f64 {
    let ratio = (b - a) / a;
    // Near equality ln(1+x) ≈ x keeps its digits where b − a loses them.
    if ratio.abs() < 1e-12 { a } else { (b - a) / ratio.ln_1p() }
}

/// Splits the change of a product V = Π x over its factors by the logarithmic mean
/// (LMDI, B. W. Ang, Energy Policy 2004): Δₖ = L(V₁, V₀) · ln(xₖ₁ / xₖ₀). The parts sum to V₁ − V₀.
///
/// Pairs are (before, after).
///
/// # Errors
/// [`DecompositionError::Factor`] for a factor that is not finite and above zero.
pub fn chain_change(factors: &[(f64, f64)]) -> Result<Vec<f64>, DecompositionError> {
    for (index, &(before, after)) in factors.iter().enumerate() {
        if let Some(value) = [before, after].into_iter().find(|value| !(*value > 0.0 && value.is_finite())) {
            return Err(DecompositionError::Factor { index, value });
        }
    }
    let before: f64 = factors.iter().map(|factor| factor.0).product();
    let after: f64 = factors.iter().map(|factor| factor.1).product();
    let mean = logarithmic_mean(before, after);
    Ok(factors.iter().map(|(old, new)| mean * (new / old).ln()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 1e-12, "{found} is not {wanted}");
    }

    #[test]
    fn simpsons_case() {
        let change = |weight_before, rate_before, weight_after, rate_after| SegmentChange {
            weight_before,
            weight_after,
            rate_before,
            rate_after,
        };
        let found =
            rate_change(&[change(0.5, 0.3, 0.35, 0.31), change(0.3, 0.2, 0.3, 0.2), change(0.2, 0.1, 0.35, 0.11)])
                .expect("weights");
        close(found.before, 0.23);
        close(found.after, 0.207);
        for (segment, (rate, mix)) in
            found.segments.iter().zip([(0.00425, -0.012_975), (0.0, 0.0), (0.002_75, -0.017_025)])
        {
            close(segment.rate, rate);
            close(segment.mix, mix);
        }
        close(found.rate_effect(), 0.007);
        close(found.mix_effect(), -0.03);
        assert!(found.segments.iter().all(|segment| segment.rate >= 0.0), "no segment got worse");
    }

    #[test]
    fn weights_and_factors_are_checked() {
        let one = SegmentChange { weight_before: 1.0, weight_after: 0.9, rate_before: 0.1, rate_after: 0.1 };
        assert_eq!(rate_change(&[one]), Err(DecompositionError::Weights { period: "later", sum: 0.9 }));
        assert_eq!(chain_change(&[(1.0, 2.0), (0.0, 1.0)]), Err(DecompositionError::Factor { index: 1, value: 0.0 }));
        assert_eq!(chain_change(&[]), Ok(vec![]));
    }

    #[test]
    fn a_chain_that_halves_and_doubles_stays() {
        let parts = chain_change(&[(100.0, 200.0), (0.5, 0.25), (30.0, 30.0)]).expect("factors");
        close(parts[0] + parts[1], 0.0);
        close(parts[2], 0.0);
        close(parts[0], 1_500.0 * 2.0_f64.ln());
    }

    proptest! {
        #[test]
        fn both_splits_add_up(cells in prop::collection::vec((0.01..1.0_f64, 0.01..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64), 1..8)) {
            let before: f64 = cells.iter().map(|cell| cell.0).sum();
            let after: f64 = cells.iter().map(|cell| cell.1).sum();
            let segments: Vec<SegmentChange> = cells.iter().map(|cell| SegmentChange {
                weight_before: cell.0 / before, weight_after: cell.1 / after, rate_before: cell.2, rate_after: cell.3,
            }).collect();
            let found = rate_change(&segments).expect("weights");
            prop_assert!((found.rate_effect() + found.mix_effect() - (found.after - found.before)).abs() < 1e-12);

            let factors: Vec<(f64, f64)> = cells.iter().map(|cell| (cell.0, cell.1)).collect();
            let parts: f64 = chain_change(&factors).expect("factors").iter().sum();
            let change: f64 = factors.iter().map(|x| x.1).product::<f64>() - factors.iter().map(|x| x.0).product::<f64>();
            prop_assert!((parts - change).abs() < 1e-9);
        }
    }
}
