//! Customers with what their deals in scope add up to.
//!
//! What the deals of a partition add up to is remembered, so that a page costs little more than its order.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use domain::text::folded;
use domain::{Currency, Outcome, Rates, RecordId};
use journey::{NONE, View};
use rayon::prelude::*;

use super::list::{Seen, each_shown};
use super::order::After;
use super::order::SortValue;
use super::texts::names;
use crate::ask::prepare;
use crate::labels::{Dimension, Member};
use crate::memory::Memory;
use crate::plan::{Reading, Terms};
use crate::question::{AskError, Question};
use crate::snapshot::Snapshot;
use crate::warehouse::Warehouse;

/// What customers are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named like the columns of AccountSums, which are documented")]
pub enum AccountSort {
    Name,
    Deals,
    DealsOpen,
    OpenMinor,
    WonMinor,
}

impl AccountSort {
    /// Every order with its word.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("name", Self::Name),
        ("deals", Self::Deals),
        ("deals_open", Self::DealsOpen),
        ("open_minor", Self::OpenMinor),
        ("won_minor", Self::WonMinor),
    ];
}

/// What the deals of a customer add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountSums {
    /// Deals in scope that stand.
    pub deals: u64,
    /// Open ones.
    pub deals_open: u64,
    /// Their amounts.
    pub open_minor: i128,
    /// Amounts that were won.
    pub won_minor: i128,
}

impl AccountSums {
    fn add(&mut self, other: &Self) {
        self.deals += other.deals;
        self.deals_open += other.deals_open;
        self.open_minor += other.open_minor;
        self.won_minor += other.won_minor;
    }
}

/// What to list.
#[derive(Debug, Clone)]
pub struct AccountsAsk {
    /// Which deals count.
    pub question: Question,
    /// Whose customers are seen without a deal in scope; absent: everybody's, and those that nobody keeps.
    pub keepers: Option<HashSet<RecordId>>,
    /// Only customers in whose name this occurs.
    pub text: String,
    /// The order.
    pub sort: AccountSort,
    /// The largest first.
    pub descending: bool,
    /// Customers of a page.
    pub limit: usize,
    /// The last one of the page before.
    pub after: Option<After>,
}

/// A page of customers.
#[derive(Debug)]
pub struct AccountsList {
    /// Customers in order, by id and name.
    pub rows: Vec<(RecordId, String, AccountSums)>,
    /// How many there are on all pages, and what their deals add up to.
    pub customers: u64,
    /// What all their deals add up to.
    pub sums: AccountSums,
    /// The currency; absent where amounts do not add up.
    pub currency: Option<Currency>,
    /// Why amounts do not add up.
    pub no_amount: Option<AskError>,
    /// Where the next page begins.
    pub next: Option<After>,
}

impl Warehouse {
    /// Lists customers.
    ///
    /// # Errors
    /// As [`Warehouse::list`].
    pub async fn accounts(&self, ask: AccountsAsk) -> Result<AccountsList, AskError> {
        self.read(ask.question.known_at, move |snapshot, memory| accounts(snapshot, &ask, memory)).await?
    }
}

/// What sums of a partition depend on, beside its content.
#[derive(Clone, PartialEq, Eq, Hash)]
struct SumsTerms {
    terms: Terms,
    rates: Option<Arc<Rates>>,
    is_valued: bool,
}

/// The sums of a partition's customers, by code.
type CodeSums = Vec<(u32, AccountSums)>;

fn sums_of_partition(view: &View<'_>, is_valued: bool) -> CodeSums {
    let mut sums: BTreeMap<u32, AccountSums> = BTreeMap::new();
    each_shown(view, None, None, |journey, place, _| {
        let code = view.journeys.account[journey.index];
        if code == NONE {
            return;
        }
        let minor = is_valued.then(|| view.amount_minor(place, view.as_of)).flatten().map_or(0, i128::from);
        let sum = sums.entry(code).or_default();
        sum.deals += 1;
        match Outcome::from_code(view.journeys.entries.state[place]) {
            Some(Outcome::Open) => {
                sum.deals_open += 1;
                sum.open_minor += minor;
            }
            Some(Outcome::Won) => sum.won_minor += minor,
            _ => {}
        }
    });
    sums.into_iter().collect()
}

/// What the deals of each customer add up to, by code.
fn by_code(snapshot: &Snapshot, seen: &Seen<'_>, is_valued: bool, memory: &Memory) -> Vec<AccountSums> {
    let terms = SumsTerms { terms: seen.reading.terms.clone(), rates: seen.decided.rates.clone(), is_valued };
    let versions: Vec<(usize, u64)> =
        snapshot.partitions.iter().map(|partition| partition.version).enumerate().collect();
    let known: Vec<Option<Arc<CodeSums>>> = memory.recall(&terms, versions.iter().copied());
    let missing: Vec<usize> = (0..known.len()).filter(|at| known[*at].is_none()).collect();
    let fresh: Vec<(usize, Arc<CodeSums>)> =
        missing.into_par_iter().map(|at| (at, Arc::new(sums_of_partition(&seen.view(at), is_valued)))).collect();
    let bytes = |sums: &CodeSums| sums.len() * size_of::<(u32, AccountSums)>();
    memory.keep(terms, fresh.iter().map(|(at, sums)| (*at, versions[*at].1, bytes(sums), Arc::clone(sums))).collect());
    let mut all = vec![AccountSums::default(); snapshot.labels.members(Dimension::Account).len() + 1];
    for sums in known.iter().flatten().chain(fresh.iter().map(|(_, sums)| sums)) {
        for (code, sum) in sums.iter() {
            if let Some(into) = all.get_mut(*code as usize) {
                into.add(sum);
            }
        }
    }
    all
}

/// What a customer is ordered by: of names twice their rank, so that a name that is gone has a place between.
fn key(sort: AccountSort, sums: &AccountSums, rank: u32) -> i128 {
    match sort {
        AccountSort::Name => i128::from(rank) * 2,
        AccountSort::Deals => sums.deals.into(),
        AccountSort::DealsOpen => sums.deals_open.into(),
        AccountSort::OpenMinor => sums.open_minor,
        AccountSort::WonMinor => sums.won_minor,
    }
}

/// Lists on the current thread pool.
pub(crate) fn accounts(snapshot: &Snapshot, ask: &AccountsAsk, memory: &Memory) -> Result<AccountsList, AskError> {
    let reading = Reading::new(snapshot, &ask.question)?;
    let prepared = prepare(snapshot, &reading, memory)?;
    let (decided, no_amount) = reading.decide_amounts(prepared.iter().map(AsRef::as_ref));
    let seen = Seen { snapshot, reading: &reading, prepared: &prepared, decided: &decided };
    let by_code = by_code(snapshot, &seen, no_amount.is_none(), memory);
    let names = names(snapshot, Dimension::Account, memory);
    let needle = folded(&ask.text);
    let needle = needle.trim();
    let matches = (!needle.is_empty()).then(|| names.flags(needle));
    let members = snapshot.labels.members(Dimension::Account);
    let mut rows: Vec<(i128, RecordId, u32)> = Vec::new();
    let mut sums = AccountSums::default();
    for (code, member) in members.iter() {
        let own = &by_code[code as usize];
        if !is_seen(member, ask.keepers.as_ref(), own.deals > 0)
            || matches.as_ref().is_some_and(|matches| !matches[code as usize])
        {
            continue;
        }
        sums.add(own);
        let key = key(ask.sort, own, names.rank(code));
        rows.push((if ask.descending { -key } else { key }, member.id, code));
    }
    let customers = rows.len() as u64;
    if let Some(After { value, deal }) = &ask.after {
        let key = match value {
            SortValue::Text(name) => {
                names.rank_of(name).map_or_else(|next| i128::from(next) * 2 - 1, |at| i128::from(at) * 2)
            }
            SortValue::Int(int) => i128::from(*int),
            SortValue::None => 0,
        };
        let last = (if ask.descending { -key } else { key }, *deal);
        rows.retain(|(key, id, _)| (*key, *id) > last);
    }
    rows.par_sort_unstable();
    let more = rows.len() > ask.limit;
    rows.truncate(ask.limit);
    let next = rows.last().filter(|_| more).map(|(key, id, code)| After {
        value: match ask.sort {
            AccountSort::Name => SortValue::Text(names.name(*code).to_owned()),
            _ => SortValue::Int(i64::try_from(if ask.descending { -*key } else { *key }).unwrap_or(i64::MAX)),
        },
        deal: *id,
    });
    let row =
        |(_, id, code): (i128, RecordId, u32)| (id, members.label(code).unwrap_or_default(), by_code[code as usize]);
    Ok(AccountsList {
        rows: rows.into_iter().map(row).collect(),
        customers,
        sums,
        currency: decided.currency,
        no_amount,
        next,
    })
}

/// Whether a customer is seen: it stands, and it has a deal in scope or is kept by somebody whose customers are.
pub(super) fn is_seen(member: &Member, keepers: Option<&HashSet<RecordId>>, has_deal: bool) -> bool {
    let kept = || keepers.is_none_or(|keepers| member.keeper.is_some_and(|keeper| keepers.contains(&keeper)));
    member.stands && (has_deal || kept())
}
