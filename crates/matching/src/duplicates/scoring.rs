//! How sure a pair is: each thing that agrees leaves less doubt, each that differs leaves less of the rest.
//!
//! The doubt is the product of `1 − weight` over what agrees, the score its complement, times a factor for each thing
//! that differs. Weights are judgements, tried on customers with known corruptions; `docs/metrics/duplicates.md` states
//! them and what they reach.

use super::prepared::{Names, Prepared, Title};
use super::{Evidence, Pair, Subject, Why};
use crate::similarity::{name_similarity, person_similarity, spelling};

/// A likeness of names from which they say anything at all, and below which they speak against each other.
const LIKE: f64 = 0.6;
const UNLIKE: f64 = 0.5;
/// The most a pair scores whose names are other names, and whose tax numbers are other numbers.
const OTHER_NAME: f64 = 0.6;
const OTHER_NUMBER: f64 = 0.3;
/// The most a pair scores that has another name and the same tax number: it may have been renamed.
const RENAMED: f64 = 0.9;

/// Doubt left, factors, a ceiling, and the reasons.
struct Weighing {
    doubt: f64,
    factor: f64,
    most: f64,
    agrees: Vec<(f64, Evidence)>,
    differs: Vec<Why>,
}

impl Weighing {
    const fn new() -> Self {
        Self { doubt: 1.0, factor: 1.0, most: 1.0, agrees: Vec::new(), differs: Vec::new() }
    }

    fn agree(&mut self, why: Why, likeness: f64, weight: f64) {
        self.doubt *= 1.0 - weight;
        self.agrees.push((weight, Evidence { why, likeness }));
    }

    fn differ(&mut self, why: Why, factor: f64) {
        self.factor *= factor;
        self.differs.push(why);
    }

    fn into_pair(mut self, one: &Prepared, other: &Prepared) -> Pair {
        self.agrees.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.why.cmp(&b.1.why)));
        let (a, b) = super::order(one.id, other.id);
        let score = ((1.0 - self.doubt) * self.factor).min(self.most);
        Pair { a, b, score, agrees: self.agrees.into_iter().map(|(_, found)| found).collect(), differs: self.differs }
    }
}

pub(super) fn pair(subject: Subject, one: &Prepared, other: &Prepared) -> Pair {
    let mut weighing = Weighing::new();
    match subject {
        Subject::Organisation => weigh_organisations(&mut weighing, one, other),
        Subject::Person => weigh_people(&mut weighing, one, other),
        Subject::Deal => weigh_deals(&mut weighing, one, other),
    }
    weighing.into_pair(one, other)
}

/// The greatest likeness of any two names; none where one side has no name.
fn likeness<T>(one: &[T], other: &[T], alike: impl Fn(&T, &T) -> f64) -> Option<f64> {
    let all = one.iter().flat_map(|one| other.iter().map(|other| alike(one, other)));
    all.max_by(f64::total_cmp)
}

/// How far a likeness lies above [`LIKE`], as a share of the way to 1.
fn above(likeness: f64) -> f64 {
    ((likeness - LIKE) / (1.0 - LIKE)).clamp(0.0, 1.0)
}

fn same_phone(one: &Prepared, other: &Prepared) -> bool {
    one.phones.iter().any(|phone| other.phones.iter().any(|beside| phone.same(beside)))
}

fn shared<'a, T: PartialEq>(one: &'a [T], other: &[T]) -> Option<&'a T> {
    one.iter().find(|found| other.contains(found))
}

fn weigh_organisations(weighing: &mut Weighing, one: &Prepared, other: &Prepared) {
    let (Names::Organisations(names), Names::Organisations(others)) = (&one.names, &other.names) else { return };
    let alike = likeness(names, others, name_similarity);
    let mut same_number = false;
    if let (Some(number), Some(beside)) = (&one.tax_number, &other.tax_number) {
        if number.code == beside.code {
            same_number = true;
            weighing.agree(Why::TaxNumber, 1.0, 0.97);
        } else if number.checked && beside.checked {
            weighing.differ(Why::TaxNumber, 1.0);
            weighing.most = OTHER_NUMBER;
        } else if strsim::osa_distance(&number.code, &beside.code) > 1 {
            weighing.differ(Why::TaxNumber, 0.6);
        }
    }
    match alike {
        Some(alike) if alike > LIKE => weighing.agree(Why::Name, alike, 0.93 * above(alike)),
        Some(alike) => {
            weighing.differ(Why::Name, 1.0);
            let most = if same_number { RENAMED } else { OTHER_NAME };
            weighing.most = if alike < UNLIKE || !same_number { weighing.most.min(most) } else { weighing.most };
        }
        None => {}
    }
    weigh_contacts(weighing, one, other, [0.62, 0.65, 0.55], 0.93);
}

/// Telephone, address and domain with their weights, and the factor where telephones differ.
fn weigh_contacts(weighing: &mut Weighing, one: &Prepared, other: &Prepared, weights: [f64; 3], other_phone: f64) {
    let [phone, address, site] = weights;
    if same_phone(one, other) {
        weighing.agree(Why::Phone, 1.0, phone);
    } else if !one.phones.is_empty() && !other.phones.is_empty() {
        weighing.differ(Why::Phone, other_phone);
    }
    if let Some(email) = shared(&one.emails, &other.emails) {
        weighing.agree(Why::Email, 1.0, if email.shared { address / 2.0 } else { address });
    }
    if shared(&one.sites, &other.sites).is_some() {
        weighing.agree(Why::Site, 1.0, site);
    } else if !one.sites.is_empty() && !other.sites.is_empty() {
        weighing.differ(Why::Site, 0.9);
    }
}

fn weigh_people(weighing: &mut Weighing, one: &Prepared, other: &Prepared) {
    let (Names::People(names), Names::People(others)) = (&one.names, &other.names) else { return };
    let alike = likeness(names, others, person_similarity);
    let named = alike.map_or(0.0, above);
    match alike {
        Some(alike) if alike > LIKE => weighing.agree(Why::Name, alike, 0.45 * named),
        Some(_) => {
            weighing.differ(Why::Name, 1.0);
            weighing.most = OTHER_NAME;
        }
        None => {}
    }
    // Colleagues share the organisation and its domain: both count as far as the names agree.
    match (one.parent, other.parent) {
        (Some(parent), Some(beside)) if parent == beside => weighing.agree(Why::Parent, 1.0, 0.7 * named),
        (Some(_), Some(_)) => weighing.differ(Why::Parent, 0.93),
        _ => {}
    }
    weigh_contacts(weighing, one, other, [0.65, 0.85, 0.5 * named], 0.97);
}

fn weigh_deals(weighing: &mut Weighing, one: &Prepared, other: &Prepared) {
    let (Names::Titles(names), Names::Titles(others)) = (&one.names, &other.names) else { return };
    let title = |one: &Title, other: &Title| {
        let alike = spelling(&one.squash, &other.squash);
        if one.marks == other.marks { alike } else { alike * 0.5 }
    };
    match likeness(names, others, title) {
        Some(alike) if alike > LIKE => weighing.agree(Why::Name, alike, 0.6 * above(alike)),
        Some(_) => {
            weighing.differ(Why::Name, 1.0);
            weighing.most = OTHER_NAME;
        }
        None => {}
    }
    match (one.parent, other.parent) {
        (Some(parent), Some(beside)) if parent == beside => weighing.agree(Why::Parent, 1.0, 0.4),
        (Some(_), Some(_)) => {
            weighing.differ(Why::Parent, 1.0);
            weighing.most = OTHER_NAME;
        }
        _ => {}
    }
    match (one.amount, other.amount) {
        (Some(amount), Some(beside)) if amount == beside => weighing.agree(Why::Amount, 1.0, 0.45),
        (Some(_), Some(_)) => weighing.differ(Why::Amount, 0.8),
        _ => {}
    }
    if let (Some(day), Some(beside)) = (one.day, other.day) {
        // A deal typed twice is typed within days; a month later it is another order.
        match day.abs_diff(beside) {
            apart @ 0..=7 => {
                weighing.agree(Why::Day, 1.0 - f64::from(apart) / 14.0, 0.45 - 0.04 * f64::from(apart));
            }
            8..=30 => {}
            _ => weighing.differ(Why::Day, 0.8),
        }
    }
}
