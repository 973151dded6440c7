//! How alike two names are, from 0 (nothing in common) to 1 (one name).

use pinyin::ToPinyin;

use crate::organisation::{Organisation, Part};
use crate::person::Person;
use crate::text::is_han;

/// Two words count as spellings of each other from here on.
const WORD: f64 = 0.7;
/// Weights of a part that is the name's own, and of one that many names have.
const OWN: f64 = 3.0;
const GENERIC: f64 = 1.0;
/// What a part weighs that one name has and the other has nothing for: a dropped `科技` says little.
const MISSING_OWN: f64 = 0.8;
const MISSING_GENERIC: f64 = 0.25;
/// Own parts of two names that are nearly one.
const NEARLY: f64 = 0.85;
/// What is left where the names are of different places, or bear different marks.
const OTHER_PLACE: f64 = 0.7;
/// What is left where only one name tells its place.
const NO_PLACE: f64 = 0.98;
const OTHER_MARKS: f64 = 0.5;
/// A part that is cut short (`Tech` for a word of the name) is this much like the whole.
const SHORTENED: f64 = 0.85;

/// A letter as it sounds: ideographs by their syllable, without the tone.
#[derive(PartialEq)]
enum Sound {
    Syllable(&'static str),
    Letter(char),
}

fn sounds(text: &str) -> Vec<Sound> {
    let sound = |letter: char| letter.to_pinyin().map_or(Sound::Letter(letter), |found| Sound::Syllable(found.plain()));
    text.chars().map(sound).collect()
}

/// The text with a syllable for each ideograph, without tones: `华兴` and `华星` sound alike.
pub(crate) fn sound_key(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter.to_pinyin() {
            Some(found) => out.push_str(found.plain()),
            None => out.push(letter),
        }
        out.push(' ');
    }
    out
}

/// How alike two folded words are spelt: one less the edits (a letter more, less, other, or two swapped) as a share of
/// the longer. Ideographs are typed by their sound, so for them it is the mean of the likeness by letters and by sound.
#[must_use]
pub fn spelling(one: &str, other: &str) -> f64 {
    if one == other {
        return 1.0;
    }
    let (letters, others) = (one.chars().count(), other.chars().count());
    let longer = letters.max(others);
    // Even if the shorter one were all in the longer one, it would be no spelling of it.
    if longer == 0 || letters.min(others) * 2 < longer {
        return 0.0;
    }
    let share = |edits: usize| 1.0 - edits as f64 / longer as f64;
    let by_letter = share(strsim::osa_distance(one, other));
    if !one.contains(is_han) && !other.contains(is_han) {
        return by_letter;
    }
    let by_sound = share(strsim::generic_levenshtein(&sounds(one), &sounds(other)));
    f64::midpoint(by_letter, by_sound)
}

/// How alike two names of organisations are. Parts are matched in any order; a part that is the name's own weighs more
/// than one that many share; names of different places or with different marks are other organisations.
#[must_use]
pub fn name_similarity(one: &Organisation, other: &Organisation) -> f64 {
    if one.parts.is_empty() || other.parts.is_empty() {
        return 0.0;
    }
    let mut found = aligned(&one.parts, &other.parts);
    if found < 1.0 {
        found = found.max(undivided(one, other));
    }
    if one.marks != other.marks {
        found *= OTHER_MARKS;
    }
    if one.places.is_empty() != other.places.is_empty() {
        found *= NO_PLACE;
    } else if !shares_place(one, other) {
        found *= OTHER_PLACE;
    }
    found
}

/// Whether a place of one is a place of the other; a country is every place in it.
fn shares_place(one: &Organisation, other: &Organisation) -> bool {
    let country = |places: &[&str]| places.iter().all(|place| matches!(*place, "中国" | "中华"));
    country(&one.places) || country(&other.places) || one.places.iter().any(|place| other.places.contains(place))
}

fn aligned(one: &[Part], other: &[Part]) -> f64 {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (a, left) in one.iter().enumerate() {
        for (b, right) in other.iter().enumerate() {
            let alike = part_similarity(left, right);
            if alike >= WORD {
                pairs.push((alike, a, b));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut used, mut taken) = (vec![false; one.len()], vec![false; other.len()]);
    let (mut matched, mut all) = (0.0, 0.0);
    for (alike, a, b) in pairs {
        if !used[a] && !taken[b] {
            (used[a], taken[b]) = (true, true);
            let weight = if one[a].generic || other[b].generic { GENERIC } else { OWN };
            matched += alike * weight;
            all += weight;
        }
    }
    let left = |parts: &[Part], used: &[bool]| -> Vec<bool> {
        parts.iter().zip(used).filter(|(_, used)| !**used).map(|(part, _)| part.generic).collect()
    };
    let (rest, beside) = (left(one, &used), left(other, &taken));
    // What both have and does not match is against them; what only one has was left away by the other.
    let against = !rest.is_empty() && !beside.is_empty();
    for generic in rest.into_iter().chain(beside) {
        let weight = if generic { GENERIC } else { OWN };
        let share = if generic { MISSING_GENERIC } else { MISSING_OWN };
        all += if against { weight } else { weight * share };
    }
    matched / all
}

fn part_similarity(one: &Part, other: &Part) -> f64 {
    if one.text == other.text {
        return 1.0;
    }
    // Two words of the list are two words, however alike (`trading`, `training`).
    if one.generic && other.generic {
        return 0.0;
    }
    let alike = spelling(&one.text, &other.text);
    let (short, long) =
        if one.text.len() < other.text.len() { (&one.text, &other.text) } else { (&other.text, &one.text) };
    let shortened = short.len() >= 4 && short.is_ascii() && long.starts_with(short.as_str());
    if shortened { alike.max(SHORTENED) } else { alike }
}

/// The likeness of the names written in one run, where they are only divided otherwise: `Data Link` and `DataLink`,
/// or a slip that hides a common word. Believed where the own part of one begins the other, or is nearly the other's.
fn undivided(one: &Organisation, other: &Organisation) -> f64 {
    let (own, others) = (one.brand(), other.brand());
    if own == others {
        return 0.0;
    }
    let (whole, beside) = (one.whole(), other.whole());
    let begins = beside.starts_with(&own) || whole.starts_with(&others);
    if begins || spelling(&own, &others) >= NEARLY { spelling(&whole, &beside) } else { 0.0 }
}

/// How alike two names of people are; `J. Smith` is nearly `John Smith`.
#[must_use]
pub fn person_similarity(one: &Person, other: &Person) -> f64 {
    if one.parts.is_empty() || other.parts.is_empty() {
        return 0.0;
    }
    if one.parts == other.parts {
        return 1.0;
    }
    let (few, many) = if one.parts.len() <= other.parts.len() { (one, other) } else { (other, one) };
    let mut free: Vec<&String> = many.parts.iter().collect();
    let mut initials = 0;
    let mut whole = 0;
    // Longest first, so that an initial does not take what a whole name needs.
    let mut parts: Vec<&String> = few.parts.iter().collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    for part in parts {
        let fits = |free: &&String| part.is_ascii() && is_initial(part, free);
        let Some(at) = free.iter().position(|free| *free == part).or_else(|| free.iter().position(fits)) else {
            return spelling(&one.key(), &other.key());
        };
        if free.remove(at) == part { whole += 1 } else { initials += 1 }
    }
    // A middle name that one leaves out, or an initial for a first name; a family name alone is nobody.
    if whole >= 1 && whole + initials >= 2 { 0.9 } else { spelling(&one.key(), &other.key()) }
}

fn is_initial(one: &str, other: &str) -> bool {
    (one.len() == 1 && other.starts_with(one)) || (other.len() == 1 && one.starts_with(other))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{organisation, person};

    fn likeness(one: &str, other: &str) -> f64 {
        name_similarity(&organisation(one), &organisation(other))
    }

    #[test]
    fn spellings_of_one_organisation_are_alike() {
        for (one, other, at_least) in [
            ("上海华信科技有限公司", "华信科技（上海）股份有限公司", 1.0),
            ("上海华信科技有限公司", "华信科技", 0.98),
            ("华信科技有限公司", "华信", 0.9),
            ("恒力达电子科技有限公司", "恒力达电子科枝有限公司", 0.85),
            ("鑫源达贸易", "欣源达贸易", 0.85),
            ("Acme Technologies Inc.", "ACME TECHNOLOGY", 1.0),
            ("Acme Technolgy Ltd", "Acme Technology Limited", 0.97),
            ("Data Link Systems", "DataLink Systems Inc", 1.0),
            ("Trading Acme International", "Acme Intl. Trading", 1.0),
            ("Micrsoft Technology", "Microsoft Technology", 0.9),
            ("Müller & Söhne GmbH", "MULLER AND SOHNE", 1.0),
            ("АCME 12", "ACME 12", 1.0),
        ] {
            assert!(likeness(one, other) >= at_least, "{one} / {other}: {}", likeness(one, other));
        }
    }

    #[test]
    fn neighbours_are_not() {
        for (one, other, below) in [
            ("北京华信科技有限公司", "北京华兴科技有限公司", 0.8),
            ("华信科技有限公司", "华信贸易有限公司", 0.8),
            ("上海华信科技", "北京华信科技", 0.8),
            ("第一人民医院", "第二人民医院", 0.7),
            ("华信科技有限公司", "华信科技有限公司杭州分公司", 0.6),
            ("Acme Trading", "Acme Training", 0.8),
            ("Acme Technology", "Apex Technology", 0.7),
            ("Acme 1", "Acme 2", 0.6),
            ("Johnson", "Johnson Controls", 0.8),
            ("International Trading", "Global Trading", 0.8),
        ] {
            assert!(likeness(one, other) < below, "{one} / {other}: {}", likeness(one, other));
        }
    }

    #[test]
    fn people_are_alike_by_initials_and_slips() {
        for (one, other, at_least, below) in [
            ("John Smith", "Smith, John", 1.0, 1.1),
            ("J. Smith", "John Smith", 0.9, 1.0),
            ("John A. Smith", "John Smith", 0.9, 1.0),
            ("John Smith", "Jon Smith", 0.85, 1.0),
            ("John Smith", "Jane Smith", 0.0, 0.8),
            ("Smith", "John Smith", 0.0, 0.8),
            ("张伟", "张玮", 0.7, 0.8),
            ("张伟", "李伟", 0.0, 0.6),
        ] {
            let found = person_similarity(&person(one), &person(other));
            assert!(found >= at_least && found < below, "{one} / {other}: {found}");
        }
    }

    proptest! {
        #[test]
        fn likeness_is_symmetric_and_within_its_bounds(one in "[a-e华信科技 12]{0,12}", other in "[a-e华信科技 12]{0,12}") {
            let found = likeness(&one, &other);
            prop_assert!((0.0..=1.0).contains(&found));
            prop_assert!((found - likeness(&other, &one)).abs() < 1e-12);
            let itself = likeness(&one, &one);
            prop_assert!(itself >= 1.0 || organisation(&one).parts.is_empty());
        }
    }
}
