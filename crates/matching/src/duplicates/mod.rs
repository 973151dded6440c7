//! Records that are likely one: customers, people, deals.
//!
//! Three steps. *Blocking* finds pairs that share a key or nearly do, so that not every record is compared with every
//! other. *Scoring* weighs what agrees and what differs, and keeps the reasons. *Clustering* joins pairs, the surest
//! first, into groups in which everybody fits everybody: no chain of weak links.

mod block;
mod prepared;
mod scoring;

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use rayon::prelude::*;

use prepared::Prepared;

/// The score from which a pair is proposed unless told otherwise.
pub const MIN_SCORE: f64 = 0.8;
/// A record joins a cluster only if it scores this share of the least score with the others in it.
const FLOOR: f64 = 0.75;
/// Members of each of two clusters that are held against each other before they join.
const WITNESSES: usize = 8;

/// What sort of thing the records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Customers: organisations.
    Organisation,
    /// Contacts: people; their parent is the organisation.
    Person,
    /// Deals; their parent is the customer.
    Deal,
}

/// What is known of a record, as it is written. Nothing is required.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// The record, whatever numbers them.
    pub id: i64,
    /// Its name, then other names that it had.
    pub names: Vec<String>,
    /// Telephone numbers, several in a text where it is so.
    pub phones: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Web domain or address.
    pub site: Option<String>,
    /// Tax number or unified social credit code.
    pub tax_number: Option<String>,
    /// The record above it: the organisation of a person, the customer of a deal.
    pub parent: Option<i64>,
    /// The amount of a deal, in minor units, and its currency's code.
    pub amount: Option<(i64, u16)>,
    /// The day that a deal began, as days since 1970.
    pub day: Option<i32>,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The tax number.
    TaxNumber,
    /// The name.
    Name,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// The web domain, or that of the addresses.
    Site,
    /// The record above.
    Parent,
    /// The amount.
    Amount,
    /// The day.
    Day,
}

impl Why {
    /// The word that is stored and printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TaxNumber => "tax_number",
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Site => "site",
            Self::Parent => "parent",
            Self::Amount => "amount",
            Self::Day => "day",
        }
    }
}

/// Something that agrees, and how nearly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// What.
    pub why: Why,
    /// 1 where it is the same, less where it is only alike.
    pub likeness: f64,
}

/// Two records that may be one.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The one with the smaller id.
    pub a: i64,
    /// The other.
    pub b: i64,
    /// How sure it is, 0 to 1.
    pub score: f64,
    /// What agrees, the weightiest first.
    pub agrees: Vec<Evidence>,
    /// What both have and differs.
    pub differs: Vec<Why>,
}

/// Records that are likely one.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// The records, by ascending id.
    pub records: Vec<i64>,
    /// The score of the weakest pair that holds it together.
    pub score: f64,
    /// The pairs in it that score enough, by their ids.
    pub pairs: Vec<Pair>,
}

/// What to propose.
#[derive(Debug, Clone)]
pub struct Options {
    /// The least score, see [`MIN_SCORE`].
    pub min_score: f64,
    /// Pairs that people said are two, the smaller id first: never in one cluster.
    pub apart: HashSet<(i64, i64)>,
}

impl Default for Options {
    fn default() -> Self {
        Self { min_score: MIN_SCORE, apart: HashSet::new() }
    }
}

/// What a search is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Records are brought into their normal form.
    Preparing,
    /// Pairs are compared.
    Comparing,
    /// Pairs are joined to clusters, the surest first.
    Joining,
}

/// Records, and pairs, between two words to whoever watches a search.
const PORTION: usize = 16_384;

/// Somebody who hears how much of a part is done, of how much, and says whether the search is still wanted.
pub type Watch<'a> = &'a mut dyn FnMut(Part, usize, usize) -> bool;

pub(crate) fn hash(text: &str) -> u64 {
    foldhash::fast::FixedState::default().hash_one(text)
}

/// How sure it is that two records are one, with the reasons.
#[must_use]
pub fn score(subject: Subject, one: &Keys, other: &Keys) -> Pair {
    scoring::pair(subject, &Prepared::of(subject, one), &Prepared::of(subject, other))
}

/// Groups records that are likely one. The surest clusters come first, of equally sure ones the one with the smallest
/// id; the order of `records` does not matter.
#[must_use]
pub fn find_duplicates(subject: Subject, records: &[Keys], options: &Options) -> Vec<Cluster> {
    watch_duplicates(subject, records, options, &mut |_, _, _| true).unwrap_or_default()
}

/// As [`find_duplicates`], watched; nothing where it is wanted no longer.
pub fn watch_duplicates(
    subject: Subject,
    records: &[Keys],
    options: &Options,
    watch: Watch<'_>,
) -> Option<Vec<Cluster>> {
    let prepare = |keys: &Keys| Some(Prepared::of(subject, keys));
    let mut prepared: Vec<Prepared> = portions(records, Part::Preparing, watch, prepare)?;
    // Neighbours in this order have like names: where a block is too large, only neighbours are compared.
    prepared.par_sort_by(|a, b| a.order().cmp(&b.order()));
    let candidates = block::candidates(subject, &mut prepared);
    let compare = |(a, b): &(u32, u32)| {
        let (one, other) = (&prepared[*a as usize], &prepared[*b as usize]);
        let score = (!is_apart(options, one, other)).then(|| scoring::pair(subject, one, other).score);
        score.filter(|score| *score >= options.min_score).map(|score| (score, *a, *b))
    };
    let mut pairs: Vec<(f64, u32, u32)> = portions(&candidates, Part::Comparing, watch, compare)?;
    let ids = |(_, a, b): &(f64, u32, u32)| order(prepared[*a as usize].id, prepared[*b as usize].id);
    pairs.par_sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then_with(|| ids(one).cmp(&ids(other))));
    let mut clusters = Clusters { subject, options, prepared: &prepared, of: HashMap::new(), all: Vec::new() };
    for (at, (score, a, b)) in pairs.iter().enumerate() {
        if at % PORTION == 0 && !watch(Part::Joining, at, pairs.len()) {
            return None;
        }
        clusters.join(*a as usize, *b as usize, *score);
    }
    Some(clusters.finish(&pairs))
}

/// What `each` makes of items, on all cores, a portion after the other; nothing where nobody wants it any more.
fn portions<T: Sync, U: Send>(
    items: &[T],
    part: Part,
    watch: Watch<'_>,
    each: impl Fn(&T) -> Option<U> + Sync,
) -> Option<Vec<U>> {
    let mut made = Vec::new();
    for (at, portion) in items.chunks(PORTION).enumerate() {
        if !watch(part, at * PORTION, items.len()) {
            return None;
        }
        made.par_extend(portion.par_iter().filter_map(&each));
    }
    Some(made)
}

const fn order(a: i64, b: i64) -> (i64, i64) {
    if a <= b { (a, b) } else { (b, a) }
}

fn is_apart(options: &Options, one: &Prepared, other: &Prepared) -> bool {
    !options.apart.is_empty() && options.apart.contains(&order(one.id, other.id))
}

/// Clusters as they grow.
struct Clusters<'a> {
    subject: Subject,
    options: &'a Options,
    prepared: &'a [Prepared],
    /// Place of a record → place of its cluster in `all`.
    of: HashMap<usize, usize>,
    /// Members and the weakest score; empty where it went into another.
    all: Vec<(Vec<usize>, f64)>,
}

impl Clusters<'_> {
    fn join(&mut self, a: usize, b: usize, score: f64) {
        let (left, right) = (self.cluster(a), self.cluster(b));
        if left == right || !self.fit(left, right) {
            return;
        }
        let (into, from) = (left.min(right), left.max(right));
        let (members, weakest) = std::mem::take(&mut self.all[from]);
        for member in &members {
            self.of.insert(*member, into);
        }
        self.all[into].1 = self.all[into].1.min(weakest).min(score);
        self.all[into].0.extend(members);
    }

    fn cluster(&mut self, record: usize) -> usize {
        *self.of.entry(record).or_insert_with(|| {
            self.all.push((vec![record], 1.0));
            self.all.len() - 1
        })
    }

    /// Whether the members of both fit each other.
    fn fit(&self, left: usize, right: usize) -> bool {
        let (left, right) = (&self.all[left].0, &self.all[right].0);
        let floor = self.options.min_score * FLOOR;
        let apart = |a: &usize, b: &usize| is_apart(self.options, &self.prepared[*a], &self.prepared[*b]);
        if !self.options.apart.is_empty() && left.iter().any(|a| right.iter().any(|b| apart(a, b))) {
            return false;
        }
        left.iter().take(WITNESSES).all(|a| {
            let fits = |b: &usize| scoring::pair(self.subject, &self.prepared[*a], &self.prepared[*b]).score >= floor;
            right.iter().take(WITNESSES).all(fits)
        })
    }

    fn finish(self, pairs: &[(f64, u32, u32)]) -> Vec<Cluster> {
        let mut within: Vec<Vec<Pair>> = vec![Vec::new(); self.all.len()];
        for (_, a, b) in pairs {
            let (a, b) = (*a as usize, *b as usize);
            if let (Some(left), Some(right)) = (self.of.get(&a), self.of.get(&b))
                && left == right
            {
                within[*left].push(scoring::pair(self.subject, &self.prepared[a], &self.prepared[b]));
            }
        }
        let grown = self.all.into_iter().zip(within).filter(|((members, _), _)| members.len() > 1);
        let mut out: Vec<Cluster> = grown
            .map(|((members, score), mut pairs)| {
                pairs.sort_unstable_by_key(|pair| (pair.a, pair.b));
                let mut records: Vec<i64> = members.iter().map(|member| self.prepared[*member].id).collect();
                records.sort_unstable();
                Cluster { records, score, pairs }
            })
            .collect();
        out.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.records.cmp(&other.records)));
        out
    }
}

#[cfg(test)]
mod tests;
