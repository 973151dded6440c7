//! Customers as features, and a classifier that learns their industries from the organisation's own data.
//!
//! A name is taken apart into pairs and triples of characters where it is written in them (上海仪器 tells by 仪器), into
//! words where it is written in words; beside it stand the products of the customer's deals, its region, country and
//! segment. Must not know who asks, nor write anything.

use std::collections::{BTreeMap, HashMap};

use domain::RecordId;
use domain::text::folded;
use methods::classify::{Calibrated, Example, Features, Held, NaiveBayes, cross_validate_while};

/// Examples that an industry must have to be learnt.
const FEWEST_OF_CLASS: usize = 5;
/// Parts of the cross-validation.
const FOLDS: u32 = 5;
/// Parts of the learning: each part of the cross-validation, and the model of all.
pub(super) const PARTS: u32 = FOLDS + 1;
/// What is added to every count: little, since most pairs of characters are rare.
const SMOOTHING: f64 = 0.1;
/// Answers on parts not seen, below which a share of right ones says nothing.
const FEWEST_ANSWERS: u64 = 20;

/// What is known of a customer.
#[derive(Debug, Clone, Default)]
pub(super) struct Traits<'a> {
    pub(super) name: &'a str,
    pub(super) products: Vec<RecordId>,
    pub(super) region: Option<RecordId>,
    pub(super) country: Option<&'a str>,
    pub(super) segment: Option<&'a str>,
}

/// The features of a customer, in words, each once.
pub(super) fn words(traits: &Traits<'_>) -> Vec<String> {
    let mut words = Vec::new();
    let folded_name = folded(traits.name);
    let mut run: Vec<char> = Vec::new();
    let mut word = String::new();
    let by_characters = |letter: char| matches!(u32::from(letter), 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af);
    for letter in folded_name.chars().chain(std::iter::once(' ')) {
        if by_characters(letter) {
            run.push(letter);
        } else {
            take_run(&mut run, &mut words);
        }
        if letter.is_alphanumeric() && !by_characters(letter) {
            word.push(letter);
        } else if !word.is_empty() {
            words.push(format!("w:{}", std::mem::take(&mut word)));
        }
    }
    words.extend(traits.products.iter().map(|product| format!("p:{product}")));
    words.extend(traits.region.map(|region| format!("r:{region}")));
    words.extend(traits.country.map(|country| format!("c:{}", folded(country).trim())));
    words.extend(traits.segment.map(|segment| format!("s:{}", folded(segment).trim())));
    words.sort_unstable();
    words.dedup();
    words
}

fn take_run(run: &mut Vec<char>, words: &mut Vec<String>) {
    for length in [2, 3] {
        words.extend(run.windows(length).map(|part| format!("z:{}", part.iter().collect::<String>())));
    }
    run.clear();
}

/// What was learnt.
#[derive(Debug)]
pub(super) struct Learnt {
    /// Industries by class.
    classes: Vec<RecordId>,
    vocabulary: HashMap<String, u32>,
    model: NaiveBayes,
    pub(super) calibrated: Calibrated,
}

/// Why nothing was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooLittle {
    /// Fewer customers with an industry than needed.
    Examples,
    /// Fewer than two industries with enough customers.
    Classes,
    /// No answer would be right often enough.
    Accuracy,
}

/// Learns from customers of known industry. Answers are to be right in the share `wanted`. `go_on` hears how many of
/// [`PARTS`] are done and says whether it is to be gone on; nothing where it is not.
pub(super) fn learn(
    known: &[(Vec<String>, RecordId)],
    least: usize,
    wanted: f64,
    go_on: &mut dyn FnMut(u32) -> bool,
) -> Option<std::result::Result<Learnt, TooLittle>> {
    let mut counts: BTreeMap<RecordId, usize> = BTreeMap::new();
    known.iter().for_each(|(_, industry)| *counts.entry(*industry).or_default() += 1);
    let classes: Vec<RecordId> =
        counts.into_iter().filter(|(_, count)| *count >= FEWEST_OF_CLASS).map(|(industry, _)| industry).collect();
    let kept: Vec<&(Vec<String>, RecordId)> =
        known.iter().filter(|(_, industry)| classes.binary_search(industry).is_ok()).collect();
    if kept.len() < least {
        return Some(Err(TooLittle::Examples));
    }
    if classes.len() < 2 {
        return Some(Err(TooLittle::Classes));
    }
    let vocabulary = vocabulary(&kept);
    let examples: Vec<Example> = kept
        .iter()
        .map(|(words, industry)| Example {
            features: features(words, &vocabulary),
            class: u32::try_from(classes.partition_point(|class| class < industry)).unwrap_or(u32::MAX),
        })
        .collect();
    let (width, height) =
        (u32::try_from(vocabulary.len()).unwrap_or(u32::MAX), u32::try_from(classes.len()).unwrap_or(u32::MAX));
    let held = cross_validate_while(&examples, width, height, SMOOTHING, FOLDS, &mut *go_on)?;
    let held: Vec<Held> = held.into_iter().flatten().collect();
    let Some(calibrated) = Calibrated::fit(&held, wanted, FEWEST_ANSWERS) else {
        return Some(Err(TooLittle::Accuracy));
    };
    if !go_on(FOLDS) {
        return None;
    }
    let model = NaiveBayes::train(&examples, width, height, SMOOTHING);
    Some(Ok(Learnt { classes, vocabulary, model, calibrated }))
}

/// Words of two customers or more: what occurs once tells nothing of others.
fn vocabulary(known: &[&(Vec<String>, RecordId)]) -> HashMap<String, u32> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    known.iter().flat_map(|(words, _)| words).for_each(|word| *counts.entry(word).or_default() += 1);
    let often = counts.into_iter().filter(|(_, count)| *count > 1).map(|(word, _)| word.to_owned());
    often.zip(0..).collect()
}

fn features(words: &[String], vocabulary: &HashMap<String, u32>) -> Features {
    let mut features: Features =
        words.iter().filter_map(|word| vocabulary.get(word)).map(|feature| (*feature, 1)).collect();
    features.sort_unstable();
    features
}

impl Learnt {
    /// The industry of a customer and how often such an answer was right. `None`: it cannot be told.
    pub(super) fn infer(&self, words: &[String]) -> Option<(RecordId, f64)> {
        let features = features(words, &self.vocabulary);
        // Of a customer of whom nothing is known, the model would say what is most frequent.
        if features.is_empty() {
            return None;
        }
        let (class, probability) = self.model.best(&features)?;
        Some((*self.classes.get(class as usize)?, self.calibrated.confidence(probability)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_apart_by_how_they_are_written() {
        let of = |name| words(&Traits { name, ..Traits::default() });
        assert_eq!(
            of("上海仪器"),
            ["z:上海", "z:上海仪", "z:海仪", "z:海仪器", "z:仪器"]
                .map(str::to_owned)
                .into_iter()
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        );
        assert_eq!(of("ＡＣＭＥ Steel-Works"), ["w:acme", "w:steel", "w:works"]);
        assert_eq!(of("北京abc仪器"), ["w:abc", "z:仪器", "z:北京"]);
        let traits = Traits { name: "", products: vec![4, 4], region: Some(2), country: Some("CN"), segment: None };
        assert_eq!(words(&traits), ["c:cn", "p:4", "r:2"]);
    }

    /// Customers whose names tell their industry, but for one in eight whose industry is another.
    fn town(customers: usize) -> Vec<(Vec<String>, RecordId)> {
        let kinds = [("仪器", 1), ("医院", 2), ("钢铁", 3), ("学校", 4)];
        let places = ["上海", "北京", "广州", "成都", "武汉", "西安", "苏州"];
        let one = |at: usize| {
            let (kind, industry) = kinds[at % 4];
            let told = if at % 8 == 7 { 1 + (industry % 4) } else { industry };
            let name = format!("{}{}{kind}有限公司", places[at % 7], places[(at / 3) % 7]);
            (words(&Traits { name: &name, ..Traits::default() }), told)
        };
        (0..customers).map(one).collect()
    }

    #[test]
    fn what_names_tell_is_learnt_and_the_rest_left_open() {
        let learn = |known: &[(Vec<String>, RecordId)]| learn(known, 50, 0.8, &mut |_| true).expect("it is wanted");
        let learnt = learn(&town(200)).expect("it can be learnt");
        let of = |name| learnt.infer(&words(&Traits { name, ..Traits::default() }));
        assert_eq!(of("广州上海钢铁有限公司").map(|found| found.0), Some(3));
        assert_eq!(of("北京上海医院有限公司").map(|found| found.0), Some(2));
        assert_eq!(of("Unheard Of"), None, "nothing is known of it");
        let said = &learnt.calibrated;
        assert!(said.right as f64 >= 0.8 * said.answered as f64 && said.answered <= said.asked);
        assert_eq!(learn(&town(40)).err(), Some(TooLittle::Examples));
        let alike: Vec<_> = town(200).into_iter().map(|(words, _)| (words, 1)).collect();
        assert_eq!(learn(&alike).err(), Some(TooLittle::Classes));
    }

    #[test]
    fn learning_tells_its_parts_and_ends_where_nobody_wants_it() {
        for last in 0..=PARTS {
            let mut told = Vec::new();
            let learnt = learn(&town(200), 50, 0.8, &mut |part| {
                told.push(part);
                part < last
            });
            assert_eq!(learnt.is_some(), last == PARTS, "{told:?}");
            assert_eq!(told, (0..PARTS.min(last + 1)).collect::<Vec<_>>());
        }
    }
}
