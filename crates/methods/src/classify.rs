//! What a text is likely about: multinomial naive Bayes on counted features, and when to say nothing.
//!
//! The model is that of Manning, Raghavan and Schütze, *Introduction to Information Retrieval*, chapter 13, with
//! additive smoothing. Its probabilities are overconfident, as those of every naive Bayes, so none is shown as it comes:
//! predictions of parts that a model has not seen ([`cross_validate`]) tell how often such a probability was right
//! ([`Calibrated`]), and from which one on enough were. Below that the answer is no answer. Must not know words: whoever
//! asks turns texts into features.

use std::collections::BTreeMap;

use crate::calibration::{Isotonic, Scored};
use crate::interval::{Bounds, Level, Proportion};

/// Features of a text with how often each occurs.
pub type Features = Vec<(u32, u32)>;

/// A text with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Its features; those at or above the model's number of features are passed over.
    pub features: Features,
    /// Its class, below the number of classes.
    pub class: u32,
}

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct NaiveBayes {
    /// Log of each class's share.
    prior: Vec<f64>,
    /// Log probability of a feature in a class: feature by feature, one a class.
    likelihood: Vec<f64>,
}

impl NaiveBayes {
    /// Trains on examples; `alpha` is added to every count. A class without an example is never predicted.
    ///
    /// # Panics
    /// Where an example's class is not below `classes`.
    #[must_use]
    pub fn train<'a>(
        examples: impl IntoIterator<Item = &'a Example>,
        features: u32,
        classes: u32,
        alpha: f64,
    ) -> NaiveBayes {
        let (features, classes) = (features as usize, classes as usize);
        let mut counts = vec![0_u64; features * classes];
        let (mut of_class, mut totals, mut all) = (vec![0_u64; classes], vec![0_u64; classes], 0_u64);
        for example in examples {
            let class = example.class as usize;
            of_class[class] += 1;
            all += 1;
            for &(feature, count) in example.features.iter().filter(|(feature, _)| (*feature as usize) < features) {
                counts[feature as usize * classes + class] += u64::from(count);
                totals[class] += u64::from(count);
            }
        }
        let prior = of_class.iter().map(|count| (*count as f64 / all.max(1) as f64).ln()).collect();
        let whole: Vec<f64> = totals.iter().map(|total| *total as f64 + alpha * features as f64).collect();
        let likelihood = counts
            .iter()
            .enumerate()
            .map(|(at, count)| ((*count as f64 + alpha) / whole[at % classes.max(1)]).ln())
            .collect();
        NaiveBayes { prior, likelihood }
    }

    /// The probability of each class. Empty where there is none to choose from.
    #[must_use]
    pub fn probabilities(&self, features: &[(u32, u32)]) -> Vec<f64> {
        let classes = self.prior.len();
        let mut log = self.prior.clone();
        for &(feature, count) in features {
            let from = feature as usize * classes;
            let Some(row) = self.likelihood.get(from..from + classes) else { continue };
            log.iter_mut().zip(row).for_each(|(sum, likelihood)| *sum += f64::from(count) * likelihood);
        }
        let most = log.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if most == f64::NEG_INFINITY {
            return Vec::new();
        }
        let shares: Vec<f64> = log.iter().map(|value| (value - most).exp()).collect();
        let sum: f64 = shares.iter().sum();
        shares.iter().map(|share| share / sum).collect()
    }

    /// The likeliest class and its probability; of several alike the first. `None` where there is none.
    #[must_use]
    pub fn best(&self, features: &[(u32, u32)]) -> Option<(u32, f64)> {
        let better = |best: Option<(u32, f64)>, next: (u32, f64)| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        };
        (0_u32..).zip(self.probabilities(features)).fold(None, better)
    }
}

/// What a model said of an example that it had not seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// The probability of the class that it took for the likeliest.
    pub probability: f64,
    /// Whether it was the example's.
    pub right: bool,
}

/// What models trained on the other parts say of each part. Examples of a class go to the parts in turn, in the order
/// given, so the same examples give the same parts. In the order of the examples; `None` for one of whose class no
/// other part has any.
///
/// # Panics
/// With fewer than two folds.
#[must_use]
pub fn cross_validate(examples: &[Example], features: u32, classes: u32, alpha: f64, folds: u32) -> Vec<Option<Held>> {
    cross_validate_while(examples, features, classes, alpha, folds, |_| true).unwrap_or_default()
}

/// As [`cross_validate`]; `wanted` is told the number of each part before it is asked about, from 0, and nothing is given
/// where it says no.
///
/// # Panics
/// With fewer than two folds.
pub fn cross_validate_while(
    examples: &[Example],
    features: u32,
    classes: u32,
    alpha: f64,
    folds: u32,
    mut wanted: impl FnMut(u32) -> bool,
) -> Option<Vec<Option<Held>>> {
    assert!(folds > 1, "a part is held out, and another one is learnt from");
    let mut seen: BTreeMap<u32, u32> = BTreeMap::new();
    let parts: Vec<u32> = examples
        .iter()
        .map(|example| {
            let next = seen.entry(example.class).or_default();
            *next += 1;
            (*next - 1) % folds
        })
        .collect();
    let mut held = vec![None; examples.len()];
    for fold in 0..folds {
        if !wanted(fold) {
            return None;
        }
        let others = examples.iter().zip(&parts).filter(|(_, part)| **part != fold).map(|(example, _)| example);
        let model = NaiveBayes::train(others, features, classes, alpha);
        for (at, example) in examples.iter().enumerate().filter(|(at, _)| parts[*at] == fold) {
            if seen.get(&example.class).is_none_or(|count| *count < 2) {
                continue;
            }
            let said = model.best(&example.features);
            held[at] = said.map(|(class, probability)| Held { probability, right: class == example.class });
        }
    }
    Some(held)
}

/// How far a model's word goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// The lowest probability that is answered with.
    pub threshold: f64,
    /// Of the answers on parts not seen, how many there were and how many were right.
    pub answered: u64,
    /// The right ones of these.
    pub right: u64,
    /// Examples that were asked.
    pub asked: u64,
    /// Where the share of right answers lies.
    pub bounds: Option<Bounds>,
    scale: Isotonic,
}

impl Calibrated {
    /// Finds the lowest probability from which on at least the share `wanted` of the answers was right, over at least
    /// `least` answers. `None` where there is none: then nothing can be answered with.
    #[must_use]
    pub fn fit(held: &[Held], wanted: f64, least: u64) -> Option<Calibrated> {
        let mut sorted: Vec<Held> = held.to_vec();
        sorted.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        let (mut answered, mut right, mut found) = (0_u64, 0_u64, None);
        for (at, one) in sorted.iter().enumerate() {
            answered += 1;
            right += u64::from(one.right);
            // Answers of one probability stand or fall together.
            let is_last = sorted.get(at + 1).is_none_or(|next| next.probability < one.probability);
            if is_last && answered >= least && right as f64 >= wanted * answered as f64 {
                found = Some((one.probability, answered, right));
            }
        }
        let (threshold, answered, right) = found?;
        let outcomes: Vec<bool> = held.iter().map(|one| one.right).collect();
        let probabilities: Vec<f64> = held.iter().map(|one| one.probability.clamp(0.0, 1.0)).collect();
        let scale = Isotonic::fit(Scored::new(&outcomes, &probabilities).ok()?)?;
        let bounds = Proportion::new(right, answered).ok().and_then(|share| share.wilson(Level::P95));
        Some(Calibrated { threshold, answered, right, asked: held.len() as u64, bounds, scale })
    }

    /// How often an answer of this probability was right. `None` below the threshold: no answer.
    #[must_use]
    pub fn confidence(&self, probability: f64) -> Option<f64> {
        (probability >= self.threshold).then(|| self.scale.value(probability)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn example(class: u32, features: &[(u32, u32)]) -> Example {
        Example { features: features.to_vec(), class }
    }

    /// The example of the book cited above: China and Japan, with its own figures.
    #[test]
    fn the_published_example() {
        // Chinese, Beijing, Shanghai, Macao, Tokyo, Japan.
        let examples = [
            example(0, &[(0, 2), (1, 1)]),
            example(0, &[(0, 2), (2, 1)]),
            example(0, &[(0, 1), (3, 1)]),
            example(1, &[(0, 1), (4, 1), (5, 1)]),
        ];
        let model = NaiveBayes::train(&examples, 6, 2, 1.0);
        let told = model.probabilities(&[(0, 3), (4, 1), (5, 1)]);
        let china = 0.75 * (3.0_f64 / 7.0).powi(3) / 14.0 / 14.0;
        let japan = 0.25 * (2.0_f64 / 9.0).powi(3) * (2.0 / 9.0) * (2.0 / 9.0);
        assert!((told[0] - china / (china + japan)).abs() < 1e-12);
        assert_eq!(model.best(&[(0, 3), (4, 1), (5, 1)]).map(|best| best.0), Some(0));
        assert_eq!(NaiveBayes::train([], 2, 2, 1.0).best(&[(0, 1)]), None);
    }

    #[test]
    fn the_threshold_is_the_lowest_that_keeps_the_word() {
        let held = |probability, right| Held { probability, right };
        let said = [
            held(0.99, true),
            held(0.9, true),
            held(0.9, true),
            held(0.8, false),
            held(0.8, true),
            held(0.7, true),
            held(0.6, false),
            held(0.5, false),
        ];
        let found = Calibrated::fit(&said, 0.8, 2).expect("some are right");
        assert_eq!((found.threshold, found.answered, found.right, found.asked), (0.7, 6, 5, 8));
        assert_eq!(found.confidence(0.69), None);
        assert_eq!(found.confidence(0.99), Some(1.0));
        assert_eq!(Calibrated::fit(&said, 0.9, 4), None);
        assert_eq!(Calibrated::fit(&[], 0.5, 1), None);
    }

    proptest! {
        #[test]
        fn probabilities_add_to_one_and_what_is_answered_keeps_the_word(
            rows in proptest::collection::vec((0_u32..4, proptest::collection::vec((0_u32..12, 1_u32..3), 0..6)), 8..60),
            wanted in 0.3_f64..0.95,
        ) {
            let examples: Vec<Example> = rows.iter().map(|(class, features)| example(*class, features)).collect();
            let model = NaiveBayes::train(&examples, 12, 4, 1.0);
            for one in &examples {
                prop_assert!((model.probabilities(&one.features).iter().sum::<f64>() - 1.0).abs() < 1e-9);
            }
            let held: Vec<Held> = cross_validate(&examples, 12, 4, 1.0, 4).into_iter().flatten().collect();
            if let Some(found) = Calibrated::fit(&held, wanted, 5) {
                let answered: Vec<&Held> = held.iter().filter(|one| found.confidence(one.probability).is_some()).collect();
                prop_assert_eq!(answered.len() as u64, found.answered);
                let right = answered.iter().filter(|one| one.right).count();
                prop_assert!(right as f64 >= wanted * answered.len() as f64);
            }
        }
    }
}
