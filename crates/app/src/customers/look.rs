//! Finding contacts and records of the chain, each with the customer whose it is.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::field::ids;
use domain::{Currency, Day, Kind, RecordId};
use warehouse::ChainFound;

use super::chain::{ChainRecord, Gathered};
use crate::records::{Contact, Member, contact};
use crate::{Loudou, Result};

/// Records whose names hold a text that are read at a time, before it is known who sees them.
const PORTION: u32 = 500;

/// A record of the chain that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordHit {
    /// What it is.
    pub kind: Kind,
    /// Its record.
    pub id: RecordId,
    /// Its number; of a lead the company or person, of a service request the subject.
    pub title: Option<String>,
    /// Its day.
    pub on: Option<Day>,
    /// Its status.
    pub status: Option<String>,
    /// Its amount in minor units.
    pub amount_minor: Option<i64>,
    /// The currency of the amount.
    pub currency: Option<Currency>,
    /// The customer whose it is, where that is in sight.
    pub customer: Option<Member>,
    /// The deal it belongs to, where that is in scope.
    pub opportunity: Option<Member>,
}

/// A contact that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactHit {
    /// The contact.
    pub contact: Contact,
    /// The customer whose it is.
    pub customer: Option<Member>,
}

impl Loudou {
    /// Records of the chain in sight whose number, subject, company, person or customer holds a text: at most so many of
    /// each kind, along the chain, the best of each first.
    pub(crate) async fn look_chain(&self, q: &str, each: usize) -> Result<Vec<RecordHit>> {
        let scope = &self.who.scope;
        let warehouse = self.warehouse().await?;
        let mut found = warehouse.look_chain(scope, self.keepers(scope).await?, q, each).await?;
        let known: HashSet<RecordId> = found.iter().map(|hit| hit.id).collect();
        let leads = found.iter().filter(|hit| hit.kind == Kind::Lead).count();
        // Names of people are not in the warehouse.
        let named = self.named(Kind::Lead, &[ids::LEAD_NAME], q, each, &known).await?;
        found.splice(leads..leads, named.into_iter().take(each.saturating_sub(leads)));
        self.told_hits(&found).await
    }

    /// Contacts in sight whose name, telephone or address holds a text, the newest first.
    pub(crate) async fn look_contacts(&self, q: &str, each: usize) -> Result<Vec<ContactHit>> {
        let fields = [ids::CONTACT_NAME, ids::CONTACT_PHONE, ids::CONTACT_EMAIL];
        let found = self.named(Kind::Contact, &fields, q, each, &HashSet::new()).await?;
        let customers: HashMap<RecordId, Option<RecordId>> = found.iter().map(|hit| (hit.id, hit.customer)).collect();
        let names = self.names(customers.values().flatten().map(|id| (Kind::Account, *id)).collect()).await?;
        let mut records = self.store.records(Kind::Contact, &customers.keys().copied().collect::<Vec<_>>()).await?;
        records.sort_by_key(|record| std::cmp::Reverse(record.id));
        let hit = |record: &store::Record| {
            let customer = customers.get(&record.id).copied().flatten();
            let customer = customer.map(|id| Member { id, name: names.of(Kind::Account, id) });
            ContactHit { contact: contact(record), customer }
        };
        Ok(records.iter().map(hit).collect())
    }

    /// Records in sight with a text in a personal field, the newest first. Who sees them is known only after they were
    /// found: they are read a portion after the other until there are enough.
    async fn named(
        &self,
        kind: Kind,
        fields: &[domain::field::FieldId],
        q: &str,
        each: usize,
        known: &HashSet<RecordId>,
    ) -> Result<Vec<ChainFound>> {
        let q = q.trim();
        let (mut before, mut out) = (None, Vec::new());
        while !q.is_empty() && out.len() < each {
            let ids = self.store.with_personal_text(kind, fields, q, before, PORTION).await?;
            let Some(last) = ids.last().copied() else { break };
            before = Some(last);
            out.extend(self.seen_of(kind, ids.into_iter().filter(|id| !known.contains(id)).collect()).await?);
        }
        out.truncate(each);
        Ok(out)
    }

    /// Those of some leads or contacts that are in sight: a contact with its customer, one of nobody's customer only by
    /// who sees everything.
    async fn seen_of(&self, kind: Kind, ids: Vec<RecordId>) -> Result<Vec<ChainFound>> {
        let scope = &self.who.scope;
        let warehouse = self.warehouse().await?;
        if kind != Kind::Contact {
            let records = ids.into_iter().map(|id| (kind, id)).collect();
            return Ok(warehouse.seen_of_chain(scope, self.keepers(scope).await?, records).await?);
        }
        let contacts = self.store.records(kind, &ids).await?;
        let of: HashMap<RecordId, Option<RecordId>> =
            contacts.iter().map(|contact| (contact.id, contact.int(ids::CONTACT_ACCOUNT))).collect();
        let accounts: BTreeSet<RecordId> = of.values().flatten().copied().collect();
        let accounts = accounts.into_iter().map(|id| (Kind::Account, id)).collect();
        let seen = warehouse.seen_of_chain(scope, self.keepers(scope).await?, accounts).await?;
        let seen: HashSet<RecordId> = seen.into_iter().map(|found| found.id).collect();
        let found = |id: RecordId| match *of.get(&id)? {
            Some(customer) => seen.contains(&customer).then_some(ChainFound { kind, id, customer: Some(customer) }),
            None => (*scope == domain::Scope::All).then_some(ChainFound { kind, id, customer: None }),
        };
        Ok(ids.into_iter().filter_map(found).collect())
    }

    async fn told_hits(&self, found: &[ChainFound]) -> Result<Vec<RecordHit>> {
        let mut by_kind: BTreeMap<Kind, Vec<RecordId>> = BTreeMap::new();
        found.iter().for_each(|hit| by_kind.entry(hit.kind).or_default().push(hit.id));
        let mut records = BTreeMap::new();
        for (kind, ids) in by_kind {
            records.insert(kind, self.store.records(kind, &ids).await?);
        }
        let told = self.told_chain(&Gathered::alone(records), self.today()).await?;
        let mut told: HashMap<RecordId, ChainRecord> = told.into_iter().map(|record| (record.id, record)).collect();
        let customers = found.iter().filter_map(|hit| Some((Kind::Account, hit.customer?))).collect();
        let names = self.names(customers).await?;
        let tell = |hit: &ChainFound| {
            let record = told.remove(&hit.id)?;
            Some(RecordHit {
                kind: hit.kind,
                id: hit.id,
                title: record.title,
                on: record.on,
                status: record.status,
                amount_minor: record.amount_minor,
                currency: record.currency,
                customer: hit.customer.map(|id| Member { id, name: names.of(Kind::Account, id) }),
                opportunity: record.opportunity,
            })
        };
        Ok(found.iter().filter_map(tell).collect())
    }
}
