//! Customers with what their deals in scope add up to.
//!
//! Which customers may be seen without a deal in scope is told by the caller, who knows their owners.

use std::collections::HashMap;

use domain::text::folded;
use domain::{Currency, Outcome, RecordId};
use journey::NONE;
use rayon::prelude::*;

use super::list::{Seen, each_shown};
use super::order::After;
use super::order::SortValue;
use super::texts::names;
use crate::ask::prepare;
use crate::labels::Dimension;
use crate::memory::Memory;
use crate::plan::Reading;
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
    /// The customers that stand, and whether each is seen without a deal in scope.
    pub standing: HashMap<RecordId, bool>,
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

fn by_code(snapshot: &Snapshot, seen: &Seen<'_>, valued: bool) -> Vec<AccountSums> {
    let count = snapshot.labels.members(Dimension::Account).len() + 1;
    let parts: Vec<HashMap<u32, AccountSums>> = (0..snapshot.partitions.len())
        .into_par_iter()
        .map(|at| {
            let mut sums: HashMap<u32, AccountSums> = HashMap::new();
            let view = seen.view(at);
            each_shown(&view, None, None, |journey, place, _| {
                let code = view.journeys.account[journey.index];
                if code == NONE {
                    return;
                }
                let minor = valued.then(|| view.amount_minor(place, view.as_of)).flatten().map_or(0, i128::from);
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
            sums
        })
        .collect();
    let mut all = vec![AccountSums::default(); count];
    for (code, sums) in parts.into_iter().flatten() {
        if let Some(sum) = all.get_mut(code as usize) {
            sum.add(&sums);
        }
    }
    all
}

/// Lists on the current thread pool.
pub(crate) fn accounts(snapshot: &Snapshot, ask: &AccountsAsk, memory: &Memory) -> Result<AccountsList, AskError> {
    let reading = Reading::new(snapshot, &ask.question)?;
    let prepared = prepare(snapshot, &reading, memory)?;
    let (decided, no_amount) = reading.decide_amounts(prepared.iter().map(AsRef::as_ref));
    let seen = Seen { snapshot, reading: &reading, prepared: &prepared, decided: &decided };
    let by_code = by_code(snapshot, &seen, no_amount.is_none());
    let names = names(snapshot, Dimension::Account, memory);
    let needle = folded(&ask.text);
    let needle = needle.trim();
    let matches = (!needle.is_empty()).then(|| names.flags(needle));
    let members = snapshot.labels.members(Dimension::Account);
    let mut rows: Vec<(SortValue, RecordId, u32)> = Vec::new();
    let mut sums = AccountSums::default();
    for (code, member) in members.iter() {
        let own = &by_code[code as usize];
        let visible = ask.standing.get(&member.id).is_some_and(|seen| *seen || own.deals > 0);
        if !visible || matches.as_ref().is_some_and(|matches| !matches[code as usize]) {
            continue;
        }
        sums.add(own);
        let amount = |minor: i128| SortValue::Int(i64::try_from(minor).unwrap_or(i64::MAX));
        let count = |count: u64| SortValue::Int(i64::try_from(count).unwrap_or(i64::MAX));
        let value = match ask.sort {
            AccountSort::Name => SortValue::Text(names.name(code).to_owned()),
            AccountSort::Deals => count(own.deals),
            AccountSort::DealsOpen => count(own.deals_open),
            AccountSort::OpenMinor => amount(own.open_minor),
            AccountSort::WonMinor => amount(own.won_minor),
        };
        rows.push((value, member.id, code));
    }
    let customers = rows.len() as u64;
    let order = |a: &(SortValue, RecordId), b: &(SortValue, RecordId)| {
        let values = match (&a.0, &b.0) {
            (SortValue::Int(a), SortValue::Int(b)) => a.cmp(b),
            (SortValue::Text(a), SortValue::Text(b)) => a.cmp(b),
            _ => std::cmp::Ordering::Equal,
        };
        (if ask.descending { values.reverse() } else { values }).then(a.1.cmp(&b.1))
    };
    let mut rows: Vec<((SortValue, RecordId), u32)> =
        rows.into_iter().map(|(value, id, code)| ((value, id), code)).collect();
    if let Some(After { value, deal }) = &ask.after {
        let last = (value.clone(), *deal);
        rows.retain(|(row, _)| order(row, &last).is_gt());
    }
    rows.sort_by(|a, b| order(&a.0, &b.0));
    let more = rows.len() > ask.limit;
    rows.truncate(ask.limit);
    let next = rows.last().filter(|_| more).map(|((value, id), _)| After { value: value.clone(), deal: *id });
    let row = |((_, id), code): ((SortValue, RecordId), u32)| {
        (id, members.label(code).unwrap_or_default(), by_code[code as usize])
    };
    Ok(AccountsList {
        rows: rows.into_iter().map(row).collect(),
        customers,
        sums,
        currency: decided.currency,
        no_amount,
        next,
    })
}
