//! Finding records of the chain by their number, subject or company, and by the customer whose they are, within what one
//! may see.
//!
//! What begins with the text comes before what holds it somewhere, what holds it before what is only of a customer that
//! does; of equals the shorter text, then the newer record. Names of people are not kept here: whoever knows them asks
//! for the sight of their records.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use domain::field::{FieldId, ids};
use domain::id::Kind;
use domain::text::folded;
use domain::{RecordId, Scope};

use super::sight::Sight;
use super::{Moment, Records};
use crate::codes::ById;
use crate::deals::names;
use crate::labels::Dimension;
use crate::memory::Memory;
use crate::question::AskError;
use crate::warehouse::Warehouse;

/// A record of the chain that is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainFound {
    /// What it is.
    pub kind: Kind,
    /// Its record.
    pub id: RecordId,
    /// The customer whose it is, where that is seen; of several the first.
    pub customer: Option<RecordId>,
}

/// The kinds that are looked through, along the chain, with the fields that name their records.
const LOOKED: [(Kind, &[FieldId]); 6] = [
    (Kind::Lead, &[ids::LEAD_COMPANY]),
    (Kind::Contract, &[ids::CONTRACT_NUMBER]),
    (Kind::Order, &[ids::ORDER_NUMBER]),
    (Kind::Invoice, &[ids::INVOICE_NUMBER]),
    (Kind::Payment, &[ids::PAYMENT_NUMBER]),
    (Kind::ServiceRequest, &[ids::SERVICE_REQUEST_NUMBER, ids::SERVICE_REQUEST_SUBJECT]),
];

/// How well a record fits: smaller is better.
type Fit = (u8, usize, Reverse<RecordId>);

impl Warehouse {
    /// Looks for a text, at most so many records of each kind, the best first. `keepers` are the people whose customers
    /// are seen; absent: everybody's.
    ///
    /// # Errors
    /// The chain cannot be read, or the warehouse is closing.
    pub async fn look_chain(
        &self,
        scope: &Scope,
        keepers: Option<HashSet<RecordId>>,
        text: &str,
        limit: usize,
    ) -> Result<Vec<ChainFound>, AskError> {
        let needle = folded(text).trim().to_owned();
        if needle.is_empty() {
            return Ok(Vec::new());
        }
        let (moment, warehouse, scope) = (self.moment(None).await?, self.clone(), scope.clone());
        let work = move || {
            let sight = Sight::new(&moment, &scope, keepers.as_ref(), None);
            look(&moment, &sight, &needle, limit, warehouse.memory())
        };
        self.on_threads(work).await
    }

    /// Those of some records of the chain, or customers, that are seen, in the order given.
    ///
    /// # Errors
    /// As [`Warehouse::look_chain`].
    pub async fn seen_of_chain(
        &self,
        scope: &Scope,
        keepers: Option<HashSet<RecordId>>,
        records: Vec<(Kind, RecordId)>,
    ) -> Result<Vec<ChainFound>, AskError> {
        let (moment, scope) = (self.moment(None).await?, scope.clone());
        let work = move || {
            let sight = Sight::new(&moment, &scope, keepers.as_ref(), None);
            records.into_iter().filter_map(|(kind, id)| seen(&sight, kind, id)).collect()
        };
        self.on_threads(work).await
    }
}

/// A record as the asker sees it; nothing where they do not, or it does not stand.
fn seen(sight: &Sight<'_>, kind: Kind, id: RecordId) -> Option<ChainFound> {
    let (page, at) = sight.chain.of(kind).find(id)?;
    let row = page.row_now(at)?;
    if !sight.sees(kind, page, at, row) {
        return None;
    }
    let of = if kind == Kind::Account { vec![id] } else { sight.of(kind, page, at, row).as_slice().to_vec() };
    Some(ChainFound { kind, id, customer: of.into_iter().find(|customer| sight.sees_customer(*customer)) })
}

fn look(moment: &Moment, sight: &Sight<'_>, needle: &str, limit: usize, memory: &Memory) -> Vec<ChainFound> {
    let called = names(&moment.snapshot, Dimension::Account, memory);
    let members = moment.snapshot.labels.members(Dimension::Account);
    let named = members.iter().filter(|(code, _)| called.name(*code).contains(needle)).map(|(_, member)| member.id);
    // What is not seen of a customer is not told by its name either.
    let named: ById<()> = named.filter(|id| sight.sees_customer(*id)).map(|id| (id, ())).collect();
    let mut out = Vec::new();
    for (kind, fields) in LOOKED {
        let records = moment.chain.of(kind);
        for (_, (id, customer)) in best(records, fields, sight, &named, needle, limit) {
            out.push(ChainFound { kind, id, customer });
        }
    }
    out
}

/// The best records of a kind. Only what would be among them is asked whether it is seen: that costs most.
fn best(
    records: &Records,
    fields: &[FieldId],
    sight: &Sight<'_>,
    named: &ById<()>,
    needle: &str,
    limit: usize,
) -> BTreeMap<Fit, (RecordId, Option<RecordId>)> {
    let places: Vec<_> = fields.iter().map(|field| records.place(*field)).collect();
    let mut best: BTreeMap<Fit, (RecordId, Option<RecordId>)> = BTreeMap::new();
    for (page, at) in records.iter() {
        let Some(row) = page.row_now(at) else { continue };
        let id = page.ids[at];
        let fit = |text: &str| {
            let text = folded(text);
            text.find(needle).map(|found| (u8::from(found > 0), text.len()))
        };
        let own = places.iter().filter_map(|place| fit(page.text(*place, row)?)).min();
        let fit = match own {
            Some((place, length)) => (place, length, Reverse(id)),
            None if named.is_empty() => continue,
            None => (2, 0, Reverse(id)),
        };
        if best.len() >= limit && best.last_key_value().is_some_and(|(worst, _)| *worst < fit) {
            continue;
        }
        let customers = sight.of(records.kind, page, at, row);
        if own.is_none() && !customers.as_slice().iter().any(|customer| named.contains_key(customer)) {
            continue;
        }
        if !sight.sees(records.kind, page, at, row) {
            continue;
        }
        let customer = customers.as_slice().iter().copied().find(|customer| sight.sees_customer(*customer));
        best.insert(fit, (id, customer));
        if best.len() > limit {
            best.pop_last();
        }
    }
    best
}
