//! Whose a record of the chain is, and who sees it.
//!
//! A record belongs to the customer it names, else to its deal's, else to that of the record it came from: an invoice's
//! order, a payment's invoice. An order may be of several customers, by its lines. A customer is seen who has a deal in
//! scope that stands, or is kept by somebody in it; a record is seen with its customer, its deal, what it came from, or the person
//! of ours who answers for it.

use std::cell::OnceCell;
use std::collections::HashSet;

use domain::field::{FieldType, builtin, ids};
use domain::id::Kind;
use domain::{Day, RecordId, Scope, chain};
use journey::STATE_DELETED;

use super::records::{Page, Place};
use super::{Chain, Moment};
use crate::codes::ById;
use crate::labels::Dimension;
use crate::snapshot::Snapshot;

/// Customers of a record: hardly ever more than one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Of {
    Nobody,
    One(RecordId),
    Several(Vec<RecordId>),
}

impl Of {
    fn and(self, id: RecordId) -> Self {
        match self {
            Self::Nobody => Self::One(id),
            Self::One(known) if known == id => Self::One(id),
            Self::One(known) => Self::Several(vec![known, id]),
            Self::Several(mut known) => {
                if !known.contains(&id) {
                    known.push(id);
                }
                Self::Several(known)
            }
        }
    }

    pub(crate) fn as_slice(&self) -> &[RecordId] {
        match self {
            Self::Nobody => &[],
            Self::One(id) => std::slice::from_ref(id),
            Self::Several(ids) => ids,
        }
    }
}

/// What is asked about a deal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DealOf {
    /// Its customer; 0: none.
    pub(crate) account: RecordId,
    /// The first day that is told of it.
    pub(crate) begin: Day,
    /// It stands, and whoever asks sees it.
    pub(crate) in_scope: bool,
}

/// Fields that tell whose a record is, by their places.
#[derive(Debug, Clone)]
struct Links {
    account: Place,
    opportunity: Place,
    person: Place,
    parents: Vec<(Kind, Place)>,
}

/// The chain as one scope sees it, at one day or now.
pub(crate) struct Sight<'a> {
    pub(crate) chain: &'a Chain,
    pub(crate) snapshot: &'a Snapshot,
    scope: &'a Scope,
    keepers: Option<&'a HashSet<RecordId>>,
    /// The day whose rows are read; absent: those of now.
    day: Option<Day>,
    links: Vec<(Kind, Links)>,
    merged: ById<RecordId>,
    /// Customers seen; absent: all.
    seen: OnceCell<Option<ById<()>>>,
    deals: OnceCell<ById<DealOf>>,
    by_lines: OnceCell<ById<Of>>,
}

impl<'a> Sight<'a> {
    pub(crate) fn new(
        moment: &'a Moment,
        scope: &'a Scope,
        keepers: Option<&'a HashSet<RecordId>>,
        day: Option<Day>,
    ) -> Self {
        let chain = &*moment.chain;
        let link = |kind: Kind| {
            let records = chain.of(kind);
            let parent = |field| {
                let FieldType::Ref(kind) = builtin(field)?.ty else { return None };
                Some((kind, records.place(field)))
            };
            let links = Links {
                account: records.place_of(chain::account_field(kind)),
                opportunity: records.place_of(chain::opportunity_field(kind)),
                person: records.place_of(chain::person_field(kind)),
                parents: chain::parent_fields(kind).iter().copied().filter_map(parent).collect(),
            };
            (kind, links)
        };
        let mut merged: ById<RecordId> = chain.merged.iter().map(|(from, into)| (*from, *into)).collect();
        for (page, at) in chain.of(Kind::Account).iter() {
            if page.merged_into[at] != 0 {
                merged.insert(page.ids[at], page.merged_into[at]);
            }
        }
        Self {
            chain,
            snapshot: &moment.snapshot,
            scope,
            keepers,
            day,
            links: Kind::CHAIN.into_iter().chain([Kind::Expense]).map(link).collect(),
            merged,
            seen: OnceCell::new(),
            deals: OnceCell::new(),
            by_lines: OnceCell::new(),
        }
    }

    /// The record that stands for another after merges: itself, unless it was merged.
    pub(crate) fn survivor(&self, mut id: RecordId) -> RecordId {
        // A circle of merges cannot be written; a walk that is too long ends all the same.
        for _ in 0..64 {
            match self.merged.get(&id) {
                Some(into) => id = *into,
                None => break,
            }
        }
        id
    }

    /// The row that is read of a record.
    pub(crate) fn row(&self, page: &Page, at: usize) -> Option<usize> {
        match self.day {
            Some(day) => page.row_at(at, day),
            None => page.row_now(at),
        }
    }

    fn links(&self, kind: Kind) -> Option<&Links> {
        self.links.iter().find(|(of, _)| *of == kind).map(|(_, links)| links)
    }

    /// A deal, or the one that it was merged into.
    pub(crate) fn deal(&self, id: RecordId) -> Option<DealOf> {
        self.deals().get(&self.survivor(id)).copied()
    }

    /// Every deal with its customer.
    fn deals(&self) -> &ById<DealOf> {
        self.deals.get_or_init(|| {
            let codes = self.snapshot.scope(self.scope);
            let accounts: Vec<RecordId> = std::iter::once(0)
                .chain(
                    self.snapshot.labels.members(Dimension::Account).iter().map(|(_, member)| self.survivor(member.id)),
                )
                .collect();
            let mut deals = ById::default();
            deals.reserve(self.snapshot.deals());
            for partition in &self.snapshot.partitions {
                let flags = partition.in_scope(&codes);
                for journey in partition.journeys.iter() {
                    let Some(begin) = journey.days().first().copied().map(Day) else { continue };
                    let code = partition.journeys.account[journey.index] as usize;
                    let account = accounts.get(code).copied().unwrap_or(0);
                    // Whoever does not see a deal that was deleted sees nothing by it.
                    let stands = partition.journeys.entries.state[journey.range().end - 1] != STATE_DELETED;
                    let in_scope = stands && flags.as_ref().is_none_or(|flags| flags[journey.index]);
                    deals.insert(journey.deal(), DealOf { account, begin, in_scope });
                }
            }
            deals
        })
    }

    /// The customers that lines name, by order.
    fn by_lines(&self) -> &ById<Of> {
        self.by_lines.get_or_init(|| {
            let lines = self.chain.of(Kind::OrderLine);
            let (order, account) = (lines.place(ids::ORDER_LINE_ORDER), lines.place(ids::ORDER_LINE_ACCOUNT));
            let mut orders: ById<Of> = ById::default();
            for (page, at) in lines.iter() {
                let Some(row) = self.row(page, at) else { continue };
                if let (Some(order), Some(account)) = (page.int(order, row), page.int(account, row)) {
                    let known = orders.entry(order).or_insert(Of::Nobody);
                    *known = std::mem::replace(known, Of::Nobody).and(self.survivor(account));
                }
            }
            orders
        })
    }

    /// The customers that a row is of.
    pub(crate) fn of(&self, kind: Kind, page: &Page, at: usize, row: usize) -> Of {
        let Some(links) = self.links(kind) else { return Of::Nobody };
        let mut of = page.int(links.account, row).map_or(Of::Nobody, |account| Of::One(self.survivor(account)));
        if kind == Kind::Order {
            for account in self.by_lines().get(&page.ids[at]).map_or(&[][..], Of::as_slice) {
                of = of.and(*account);
            }
        }
        if of == Of::Nobody
            && let Some(deal) = page.int(links.opportunity, row).and_then(|deal| self.deal(deal))
            && deal.account != 0
        {
            return Of::One(deal.account);
        }
        if of != Of::Nobody {
            return of;
        }
        for (kind, parent) in &links.parents {
            if let Some((page, at)) = page.int(*parent, row).and_then(|id| self.chain.of(*kind).find(id))
                && let Some(row) = self.row(page, at)
            {
                let of = self.of(*kind, page, at, row);
                if of != Of::Nobody {
                    return of;
                }
            }
        }
        Of::Nobody
    }

    /// Whether somebody of ours is in scope.
    pub(crate) fn sees_person(&self, person: Option<RecordId>) -> bool {
        self.keepers.is_none_or(|keepers| person.is_some_and(|person| keepers.contains(&person)))
    }

    /// Whether a customer is seen.
    pub(crate) fn sees_customer(&self, id: RecordId) -> bool {
        let seen = self.seen.get_or_init(|| {
            if *self.scope == Scope::All && self.keepers.is_none() {
                return None;
            }
            let mut seen: ById<()> =
                self.deals().values().filter(|deal| deal.in_scope).map(|deal| (deal.account, ())).collect();
            let accounts = self.chain.of(Kind::Account);
            let owner = accounts.place(ids::ACCOUNT_OWNER);
            for (page, at) in accounts.iter() {
                // Who keeps a customer is who keeps it now, as of deals.
                if let Some(row) = page.row_now(at)
                    && self.sees_person(page.int(owner, row))
                {
                    seen.insert(page.ids[at], ());
                }
            }
            seen.remove(&0);
            Some(seen)
        });
        seen.as_ref().is_none_or(|seen| seen.contains_key(&id))
    }

    /// Whether a row is seen: a record of nobody and nothing only by who sees everything.
    pub(crate) fn sees(&self, kind: Kind, page: &Page, at: usize, row: usize) -> bool {
        if *self.scope == Scope::All && self.keepers.is_none() {
            return true;
        }
        if kind == Kind::Account {
            return self.sees_customer(page.ids[at]);
        }
        let Some(links) = self.links(kind) else { return false };
        let in_scope = |deal: RecordId| self.deal(deal).is_some_and(|deal| deal.in_scope);
        if page.int(links.opportunity, row).is_some_and(in_scope)
            || page.int(links.person, row).is_some_and(|person| self.sees_person(Some(person)))
            || self.of(kind, page, at, row).as_slice().iter().any(|customer| self.sees_customer(*customer))
        {
            return true;
        }
        links.parents.iter().any(|(kind, parent)| {
            let found = page.int(*parent, row).and_then(|id| self.chain.of(*kind).find(id));
            found.is_some_and(|(page, at)| self.row(page, at).is_some_and(|row| self.sees(*kind, page, at, row)))
        })
    }
}
