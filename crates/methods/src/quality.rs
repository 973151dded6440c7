//! Scores of data quality.
//!
//! A record's score is the share of the weight of its applicable rules that it passes; what many records come to is the
//! mean of theirs, so that a record with many rules counts no more than one with few. A record that no rule applies to
//! has no score and is in no mean.

use crate::ratio::Ratio;

/// A record's score from the weight it passes and the weight that applies. `None` where nothing applies.
#[must_use]
pub fn score(passed: u64, applicable: u64) -> Option<Ratio> {
    Ratio::new(i128::from(passed.min(applicable)), i128::from(applicable))
}

/// The mean of scores, on its way.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Scores {
    sum: f64,
    /// Records with a score.
    pub records: u64,
}

impl Scores {
    /// Takes a record's score; one that is undefined counts for nothing.
    pub fn add(&mut self, score: Option<Ratio>) {
        if let Some(score) = score {
            self.sum += score.value();
            self.records += 1;
        }
    }

    /// Takes the scores of other records.
    pub fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.records += other.records;
    }

    /// The mean. `None` where no record has a score.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.records > 0).then(|| (self.sum / self.records as f64).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_applicable_has_no_score() {
        assert_eq!(score(0, 0), None);
        let mut scores = Scores::default();
        scores.add(None);
        assert_eq!(scores.mean(), None);
        scores.add(score(1, 4));
        scores.add(score(3, 3));
        assert_eq!((scores.records, scores.mean()), (2, Some(0.625)));
    }

    proptest! {
        #[test]
        fn the_mean_of_the_whole_is_that_of_its_parts(
            weights in proptest::collection::vec((0_u64..500, 0_u64..500), 0..60),
            cut in 0_usize..60,
        ) {
            let of = |weights: &[(u64, u64)]| {
                let mut scores = Scores::default();
                weights.iter().for_each(|(passed, applied)| scores.add(score(*passed, *applied)));
                scores
            };
            let cut = cut.min(weights.len());
            let (whole, mut parts) = (of(&weights), of(&weights[..cut]));
            parts.merge(&of(&weights[cut..]));
            prop_assert_eq!(whole.records, parts.records);
            match (whole.mean(), parts.mean()) {
                (Some(a), Some(b)) => {
                    prop_assert!((a - b).abs() < 1e-9);
                    prop_assert!((0.0..=1.0).contains(&a));
                }
                (a, b) => prop_assert_eq!(a, b),
            }
        }
    }
}
