//! Spellings of one value in a column: `technolgy` and `technology`, `GTXPro` and `GTX Pro`, `华信` and `华信有限公司`.
//!
//! What differs by a number, a version, a single letter or an opposite is another value ([`crate::marks`]), and a slip
//! is believed only inside a long enough word. Each proposal is a star: every member is a spelling of the survivor
//! itself, never of another member alone, so that no chain of small steps joins what is far apart.

use std::cmp::Reverse;
use std::collections::HashMap;

use rayon::prelude::*;

use crate::organisation::organisation;
use crate::similarity::{sound_key, spelling};
use crate::text::{folded, is_han, marks_of, squashed};

/// Why a value is held to be a spelling of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// They differ by spaces around or within, controls and letters that print nothing.
    Spaces,
    /// They differ by upper and lower case.
    Case,
    /// They differ by full and half width, accents, or letters that look like Latin ones.
    Width,
    /// They differ by punctuation, or by spaces between words.
    Punctuation,
    /// They differ by a legal form (`有限公司`, `Inc.`).
    LegalForm,
    /// They have the same words in another order.
    WordOrder,
    /// One is a slip of the pen away from the other.
    Misspelling,
}

impl Reason {
    /// The word that is stored and printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spaces => "spaces",
            Self::Case => "case",
            Self::Width => "width",
            Self::Punctuation => "punctuation",
            Self::LegalForm => "legal_form",
            Self::WordOrder => "word_order",
            Self::Misspelling => "misspelling",
        }
    }
}

/// A spelling that is proposed to become the survivor's.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The value as it stands in the column.
    pub value: String,
    /// How often it does.
    pub count: u64,
    /// How alike its letters are to the survivor's, 0 to 1.
    pub similarity: f64,
    /// Why it is proposed.
    pub reason: Reason,
}

/// Values that are likely one.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueCluster {
    /// The spelling to keep: the commonest; of equally common ones the one that needs least tidying (no odd width, no
    /// stray spaces, some lower case), then the longest, then the first by code points.
    pub survivor: String,
    /// How often the survivor stands in the column.
    pub count: u64,
    /// The other spellings, the commonest first.
    pub members: Vec<Member>,
}

/// Rarest slips: so rare, a value may be a slip of any other that is as common.
const RARE: u64 = 3;
/// Otherwise the right spelling is at least this many times as common as the slip.
const TIMES: u64 = 3;
/// Neighbours in the order of letters, forwards and backwards, that are compared for two slips in one long word.
const WINDOW: usize = 4;
/// Values that share a key beyond this many are compared with the next ones only.
const BLOCK: usize = 64;

/// Values with one normal form.
#[derive(Debug)]
struct Group {
    squash: String,
    words: Vec<String>,
    marks: String,
    count: u64,
    /// Places in the input, the survivor first.
    values: Vec<usize>,
}

/// Groups the values of a column into spellings of one value. `values` are distinct texts with how often they occur.
/// Clusters come by the survivor's count, the greatest first, then by its text.
#[must_use]
pub fn value_clusters(values: &[(String, u64)]) -> Vec<ValueCluster> {
    let mut groups = groups(values);
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| prefer(&values[a.values[0]], &values[b.values[0]])));
    let mut links: Vec<(u32, u32)> = same_words(&groups, values);
    let slips: Vec<(u32, u32)> = candidates(&groups)
        .into_par_iter()
        .filter(|(a, b)| is_slip(&groups[*a as usize], &groups[*b as usize]))
        .collect();
    links.extend(slips);
    // The commoner group of a link comes first; it takes the rarer one, unless that was taken, or it was itself.
    links.sort_unstable();
    links.dedup();
    let mut taken: Vec<Option<usize>> = vec![None; groups.len()];
    let mut stars: HashMap<usize, Vec<usize>> = HashMap::new();
    for (a, b) in links {
        let (a, b) = (a as usize, b as usize);
        if taken[a].is_none() && taken[b].is_none() && !stars.contains_key(&b) {
            taken[b] = Some(a);
            stars.entry(a).or_default().push(b);
        }
    }
    let mut out: Vec<ValueCluster> = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        if taken[at].is_some() {
            continue;
        }
        let others = stars.get(&at).into_iter().flatten().flat_map(|other| &groups[*other].values);
        let all: Vec<usize> = group.values.iter().chain(others).copied().collect();
        if all.len() > 1 {
            out.push(cluster(values, all));
        }
    }
    out.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.survivor.cmp(&b.survivor)));
    out
}

/// The order in which spellings are preferred.
fn prefer(one: &(String, u64), other: &(String, u64)) -> std::cmp::Ordering {
    let untidy = |text: &str| {
        let plain = text.trim() == text && !text.contains("  ") && text.chars().all(|letter| !is_odd(letter));
        !plain || (text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase) && text.len() > 4)
    };
    let key = |value: &(String, u64)| (Reverse(value.1), untidy(&value.0), Reverse(value.0.chars().count()));
    key(one).cmp(&key(other)).then_with(|| one.0.cmp(&other.0))
}

fn is_odd(letter: char) -> bool {
    matches!(letter, '\u{ff01}'..='\u{ff5e}' | '\u{3000}' | '\u{a0}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
        || letter.is_control()
}

/// Values by normal form: letters, digits and marks.
fn groups(values: &[(String, u64)]) -> Vec<Group> {
    let forms: Vec<(String, String, Vec<String>)> = values
        .par_iter()
        .map(|(value, _)| {
            let folded = folded(value);
            let mut squash = folded.clone();
            squash.retain(char::is_alphanumeric);
            let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
            (squash, marks_of(&folded), words.map(str::to_owned).collect())
        })
        .collect();
    let mut places: HashMap<(String, String), Vec<usize>, foldhash::fast::FixedState> = HashMap::default();
    let mut words_of = Vec::with_capacity(values.len());
    for (at, (squash, marks, words)) in forms.into_iter().enumerate() {
        words_of.push(words);
        if !squash.is_empty() {
            // Single letters are marks only where they stand alone, which the same letters without spaces do not.
            let marks: String = marks.chars().filter(|letter| !letter.is_ascii_lowercase()).collect();
            places.entry((squash, marks)).or_default().push(at);
        }
    }
    let build = |((squash, _), mut of): ((String, String), Vec<usize>)| {
        of.sort_by(|a, b| prefer(&values[*a], &values[*b]));
        let marks = marks_of(&folded(&values[of[0]].0));
        let count = of.iter().map(|at| values[*at].1).fold(0, u64::saturating_add);
        Group { squash, words: std::mem::take(&mut words_of[of[0]]), marks, count, values: of }
    };
    places.into_iter().map(build).collect()
}

/// Groups that have the same words in another order, or differ by a legal form alone; the commoner one first.
fn same_words(groups: &[Group], values: &[(String, u64)]) -> Vec<(u32, u32)> {
    let keys: Vec<[Option<String>; 2]> = groups
        .par_iter()
        .map(|group| {
            let mut words: Vec<&str> = group.words.iter().map(String::as_str).collect();
            words.sort_unstable();
            let order = (words.len() > 1).then(|| format!("w{}|{}", words.join(" "), sorted(&group.marks)));
            let name = organisation(&values[group.values[0]].0);
            let signs: String = group.marks.chars().filter(|mark| !mark.is_alphanumeric()).collect();
            let form = (name.core.chars().count() >= 2).then(|| format!("f{}|{}|{signs}", name.core, name.marks));
            [order, form]
        })
        .collect();
    let mut first: HashMap<&str, u32> = HashMap::new();
    let mut links = Vec::new();
    for (at, keys) in (0_u32..).zip(&keys) {
        for key in keys.iter().flatten() {
            // Groups come by count: whoever has a key first is the commonest.
            let holder = *first.entry(key).or_insert(at);
            if holder != at {
                links.push((holder, at));
            }
        }
    }
    links
}

fn sorted(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// Pairs that may be a slip apart: those that are equal when each loses at most one letter, those that sound alike, and
/// neighbours in the order of letters. The commoner one first.
fn candidates(groups: &[Group]) -> Vec<(u32, u32)> {
    let mut keys: Vec<(u64, u32)> = groups
        .par_iter()
        .enumerate()
        .flat_map_iter(|(at, group)| {
            let mut keys = one_less(&group.squash);
            if group.squash.contains(is_han) {
                keys.push(crate::duplicates::hash(&sound_key(&group.squash)));
            }
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            keys.into_iter().map(move |key| (key, at))
        })
        .collect();
    keys.par_sort_unstable();
    keys.dedup();
    let mut pairs = Vec::new();
    for run in keys.chunk_by(|a, b| a.0 == b.0) {
        for (at, (_, a)) in run.iter().enumerate() {
            pairs.extend(run[at + 1..].iter().take(BLOCK).map(|(_, b)| (*a, *b)));
        }
    }
    let long: Vec<usize> = (0..groups.len()).filter(|at| groups[*at].squash.chars().count() >= 10).collect();
    for backwards in [false, true] {
        let mut order: Vec<(String, usize)> = long
            .iter()
            .map(|at| {
                let squash = &groups[*at].squash;
                (if backwards { squash.chars().rev().collect() } else { squash.clone() }, *at)
            })
            .collect();
        order.par_sort_unstable();
        for window in order.windows(WINDOW) {
            let first = window[0].1;
            for (_, other) in &window[1..] {
                let pair = (first.min(*other), first.max(*other));
                pairs.push((u32::try_from(pair.0).unwrap_or(u32::MAX), u32::try_from(pair.1).unwrap_or(u32::MAX)));
            }
        }
    }
    pairs.par_sort_unstable();
    pairs.dedup();
    pairs
}

/// Hashes of the text and of the text less one letter, for texts long enough to hold a slip.
pub(crate) fn one_less(text: &str) -> Vec<u64> {
    let places: Vec<(usize, char)> = text.char_indices().collect();
    if places.len() < 4 || places.len() > 64 {
        return Vec::new();
    }
    let mut out = vec![crate::duplicates::hash(text)];
    let mut less = String::with_capacity(text.len());
    for (at, letter) in places {
        less.clear();
        less.push_str(&text[..at]);
        less.push_str(&text[at + letter.len_utf8()..]);
        out.push(crate::duplicates::hash(&less));
    }
    out
}

/// Whether the rarer group is likely a slip of the commoner one.
fn is_slip(common: &Group, rare: &Group) -> bool {
    if common.marks != rare.marks || !(rare.count <= RARE || common.count / TIMES >= rare.count) {
        return false;
    }
    if common.squash.contains(is_han) || rare.squash.contains(is_han) {
        return is_han_slip(&common.squash, &rare.squash);
    }
    if common.words.len() == rare.words.len() {
        let mut differ = common.words.iter().zip(&rare.words).filter(|(a, b)| a != b);
        let Some((one, other)) = differ.next() else { return false };
        return differ.next().is_none() && is_word_slip(one, other);
    }
    // A slip beside a space too many or too few.
    let plain = |text: &str| text.chars().all(char::is_alphabetic);
    let letters = common.squash.chars().count().min(rare.squash.chars().count());
    letters >= 8 && plain(&common.squash) && plain(&rare.squash) && is_word_slip(&common.squash, &rare.squash)
}

/// One slip in a word of five letters, two in one of ten; none in the first or last letter of a word under eight, none
/// that makes an opposite of it.
fn is_word_slip(one: &str, other: &str) -> bool {
    let plain = |word: &str| word.chars().all(char::is_alphabetic);
    let letters = one.chars().count().min(other.chars().count());
    if letters < 5 || !plain(one) || !plain(other) || is_opposite(one, other) {
        return false;
    }
    let edits = strsim::osa_distance(one, other);
    let ends = |word: &str| (word.chars().next(), word.chars().next_back());
    match edits {
        1 => letters >= 8 || ends(one) == ends(other),
        2 => letters >= 10 && ends(one) == ends(other),
        _ => false,
    }
}

/// Ideographs: one that sounds the same in four or more, another one in eight or more, one too many in six or more.
fn is_han_slip(one: &str, other: &str) -> bool {
    let (letters, others) = (one.chars().count(), other.chars().count());
    let edits = strsim::osa_distance(one, other);
    let sounds_alike = sound_key(one) == sound_key(other);
    match (letters.min(others), letters == others) {
        (short, true) if sounds_alike => short >= 4 && edits == 1,
        (short, true) => short >= 8 && edits == 1,
        (short, false) => short >= 5 && edits == 1,
    }
}

/// Beginnings of words that turn the rest around.
const TURNS: [&str; 18] = [
    "a", "un", "in", "im", "il", "ir", "dis", "non", "anti", "de", "re", "pre", "post", "sub", "over", "under", "co",
    "ex",
];
/// Beginnings of words that are each other's opposites.
const TURNED: [(&str, &str); 12] = [
    ("in", "ex"),
    ("im", "ex"),
    ("inter", "intra"),
    ("inter", "exter"),
    ("pre", "post"),
    ("pre", "pro"),
    ("over", "under"),
    ("hyper", "hypo"),
    ("macro", "micro"),
    ("up", "down"),
    ("in", "out"),
    ("on", "off"),
];

fn is_opposite(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let turned = TURNS.iter().any(|turn| long.strip_prefix(turn) == Some(short));
    let rest = |word: &str, beginning: &str| word.strip_prefix(beginning).map(str::to_owned);
    let pair = |(a, b): &(&str, &str)| {
        let both = |one: &str, other: &str| rest(one, a).is_some_and(|left| rest(other, b).as_ref() == Some(&left));
        both(one, other) || both(other, one)
    };
    turned || TURNED.iter().any(pair)
}

fn cluster(values: &[(String, u64)], mut all: Vec<usize>) -> ValueCluster {
    all.sort_by(|a, b| prefer(&values[*a], &values[*b]));
    let (survivor, count) = &values[all[0]];
    let letters = squashed(survivor);
    let members = all[1..].iter().map(|at| {
        let (value, count) = &values[*at];
        let reason = reason(survivor, value);
        Member { value: value.clone(), count: *count, similarity: spelling(&letters, &squashed(value)), reason }
    });
    ValueCluster { survivor: survivor.clone(), count: *count, members: members.collect() }
}

/// The smallest difference that explains two spellings.
fn reason(one: &str, other: &str) -> Reason {
    let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = |text: &str| {
        let folded = folded(text);
        let mut words: Vec<String> = folded
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        words.sort_unstable();
        words
    };
    if spaced(one) == spaced(other) {
        Reason::Spaces
    } else if spaced(one).to_lowercase() == spaced(other).to_lowercase() {
        Reason::Case
    } else if folded(one) == folded(other) {
        Reason::Width
    } else if squashed(one) == squashed(other) {
        Reason::Punctuation
    } else if words(one) == words(other) {
        Reason::WordOrder
    } else if organisation(one).core == organisation(other).core {
        Reason::LegalForm
    } else {
        Reason::Misspelling
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clusters(values: &[(&str, u64)]) -> Vec<String> {
        let values: Vec<(String, u64)> = values.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect();
        let show = |cluster: ValueCluster| {
            let members: Vec<String> =
                cluster.members.iter().map(|member| format!("{} ({})", member.value, member.reason.as_str())).collect();
            format!("{} < {}", cluster.survivor, members.join(", "))
        };
        value_clusters(&values).into_iter().map(show).collect()
    }

    #[test]
    fn spellings_of_one_value_are_proposed_with_the_commonest_to_stay() {
        let found = clusters(&[
            ("technology", 40),
            ("technolgy", 12),
            ("retail", 30),
            ("Retail ", 2),
            ("ＲＥＴＡＩＬ", 1),
            ("GTX Pro", 900),
            ("GTXPro", 20),
            ("gtx-pro", 1),
            ("华信科技有限公司", 5),
            ("华信科技", 3),
            ("上海恒力电子商务", 6),
            ("上海恒立电子商务", 1),
            ("Société X", 2),
            ("Societe X", 1),
            ("Acme Inc.", 4),
            ("Acme", 9),
            ("Wei Zhang", 3),
            ("Zhang Wei", 1),
        ]);
        assert_eq!(
            found,
            [
                "GTX Pro < GTXPro (punctuation), gtx-pro (punctuation)",
                "technology < technolgy (misspelling)",
                "retail < Retail  (case), ＲＥＴＡＩＬ (width)",
                "Acme < Acme Inc. (legal_form)",
                "上海恒力电子商务 < 上海恒立电子商务 (misspelling)",
                "华信科技有限公司 < 华信科技 (legal_form)",
                "Wei Zhang < Zhang Wei (word_order)",
                "Société X < Societe X (width)",
            ]
        );
    }

    #[test]
    fn values_that_only_look_alike_stay_apart() {
        for values in [
            &["GTX 100", "GTX 200", "GTX100 S"][..],
            &["Plan A", "Plan B", "PlanC"],
            &["Q1", "Q2", "Q3"],
            &["CN", "CA", "US", "UK"],
            &["A+", "A", "A-"],
            &["华东大区", "华南大区", "华北大区"],
            &["项目一期", "项目二期"],
            &["active", "inactive"],
            &["typical customer", "atypical customer"],
            &["northeastern", "northwestern"],
            &["interstate road", "intrastate road"],
            &["known", "unknown"],
            &["合格产品验收", "不合格产品验收"],
            &["上海市", "上海县"],
            &["1.5 kg of it", "15 kg of it"],
            &["C++", "C#", "C"],
            &["SKU-1234A", "SKU-1234B"],
            &["张伟", "张玮"],
            &["male", "female"],
            &["50%", "50"],
        ] {
            let values: Vec<(&str, u64)> = values.iter().map(|value| (*value, 1)).collect();
            assert_eq!(clusters(&values), Vec::<String>::new(), "{values:?}");
        }
    }

    #[test]
    fn two_common_words_are_two_words() {
        assert_eq!(clusters(&[("contract", 500), ("contact", 400)]), Vec::<String>::new());
        assert_eq!(clusters(&[("contract", 500), ("contact", 2)]), ["contract < contact (misspelling)"]);
    }

    #[test]
    fn a_chain_of_small_steps_is_no_cluster() {
        // Each is one slip from the next; the ends are four apart.
        let found = clusters(&[("management", 9), ("managemant", 3), ("managamant", 2), ("manogamant", 1)]);
        assert_eq!(found, ["management < managemant (misspelling), managamant (misspelling)"]);
    }

    #[test]
    fn the_order_of_values_does_not_matter() {
        let mut values: Vec<(String, u64)> =
            ["Alpha Beta", "alpha beta", "Beta Alpha", "ALPHA-BETA", "Alpha Betta", "Gammon ray", "Gamon ray"]
                .map(|value| (value.to_owned(), 1))
                .to_vec();
        let found = value_clusters(&values);
        for _ in 0..values.len() {
            values.rotate_left(1);
            assert_eq!(value_clusters(&values), found);
        }
        assert_eq!(found.len(), 2);
    }
}
