//! How many of a handful of deals are won, when each has its own probability.
//!
//! The sum of independent yes-or-no draws with different chances (Poisson-binomial). Adding the
//! probabilities gives its mean; this gives the whole distribution. It must not know what is drawn.

use thiserror::Error;

/// A probability outside 0..=1.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("probability {index} is {value}, outside 0..=1")]
pub struct NotAProbability {
    /// Position in the input.
    pub index: usize,
    /// The value given.
    pub value: f64,
}

/// Refuses the first value that is no probability.
pub(crate) fn check(probabilities: &[f64]) -> Result<(), NotAProbability> {
    match probabilities.iter().position(|value| !(0.0..=1.0).contains(value)) {
        Some(index) => Err(NotAProbability { index, value: probabilities[index] }),
        None => Ok(()),
    }
}

/// P(exactly k successes) for k = 0..=n, n + 1 values that sum to 1, by direct convolution: exact
/// but for rounding, n² / 2 steps. No probabilities at all give `[1]`.
///
/// # Errors
/// [`NotAProbability`] for the first value outside 0..=1.
pub fn poisson_binomial(probabilities: &[f64]) -> Result<Vec<f64>, NotAProbability> {
    check(probabilities)?;
    let mut mass = vec![1.0];
    for &success in probabilities {
        mass.push(0.0);
        for k in (1..mass.len()).rev() {
            mass[k] = mass[k] * (1.0 - success) + mass[k - 1] * success;
        }
        mass[0] *= 1.0 - success;
    }
    Ok(mass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_published_distribution() {
        let mass = poisson_binomial(&[0.1, 0.2, 0.3, 0.4, 0.5]).expect("probabilities");
        for (found, wanted) in mass.iter().zip([0.1512, 0.3714, 0.3274, 0.1274, 0.0214, 0.0012]) {
            assert!((found - wanted).abs() < 1e-12, "{mass:?}");
        }
        assert_eq!(mass.len(), 6);
        assert_eq!(poisson_binomial(&[]), Ok(vec![1.0]));
        assert_eq!(poisson_binomial(&[0.5, 1.1]), Err(NotAProbability { index: 1, value: 1.1 }));
    }

    proptest! {
        /// Adding up all 2ⁿ outcomes one by one.
        #[test]
        fn agrees_with_enumeration(chances in prop::collection::vec(0.0..=1.0_f64, 0..9)) {
            let mut wanted = vec![0.0; chances.len() + 1];
            for outcome in 0_u32..1 << chances.len() {
                let chance: f64 = chances.iter().enumerate()
                    .map(|(index, p)| if outcome >> index & 1 == 1 { *p } else { 1.0 - p }).product();
                wanted[outcome.count_ones() as usize] += chance;
            }
            for (found, wanted) in poisson_binomial(&chances).expect("probabilities").iter().zip(wanted) {
                prop_assert!((found - wanted).abs() < 1e-12);
            }
        }
    }
}
