//! The chain beside deals: customers, leads, contracts, orders, invoices, payments, service requests and costs,
//! folded from the journal into columns.
//!
//! It is read when it is first asked for and follows the journal from then on, always to the very entry that the
//! snapshot of the deals ends at, so that both tell of one moment. It is in no checkpoint: most questions do not
//! need it. This module must not know users: scope comes as a value.

mod customers;
mod funnel;
mod look;
mod records;
mod sight;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::id::Kind;
use domain::journal::{Cut, Entry, Op};
use domain::{Calendar, RecordId};
use store::{Store, StoreError, Survivors};

pub use customers::{CustomerBy, CustomerFaces, GroupKey, Measure, Step};
pub use funnel::{Amount, CustomerFunnel, CustomersAsk, FunnelGroup, LeadCounts, StepCells, StepList, Which};
pub use look::ChainFound;
pub(crate) use records::Records;
pub(crate) use sight::Sight;

use crate::codes::ById;
use crate::days::DayClock;
use crate::snapshot::Snapshot;
use records::Folder;

/// The kinds that are read.
pub(crate) const KINDS: [Kind; 10] = [
    Kind::Account,
    Kind::Channel,
    Kind::Expense,
    Kind::Lead,
    Kind::Contract,
    Kind::Order,
    Kind::OrderLine,
    Kind::Invoice,
    Kind::Payment,
    Kind::ServiceRequest,
];

/// Records whose entries are read at a time.
const RECORDS: usize = 20_000;

/// The chain at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    /// The journal up to here is in it.
    pub(crate) seq: i64,
    calendar: Calendar,
    records: [Records; KINDS.len()],
    /// Where merged records lead, also of kinds of which nothing else is read here: deals and contacts.
    merged: Arc<Survivors>,
}

impl Chain {
    pub(crate) fn new(calendar: Calendar) -> Self {
        Self { seq: 0, calendar, records: KINDS.map(Records::new), merged: Arc::default() }
    }

    /// Whether it tells of the very moment of a snapshot.
    pub(crate) fn is_of(&self, snapshot: &Snapshot) -> bool {
        self.seq == snapshot.seq && self.calendar.zone == snapshot.calendar.zone
    }

    /// The records of a kind.
    pub(crate) fn of(&self, kind: Kind) -> &Records {
        let at = KINDS.iter().position(|known| *known == kind).unwrap_or(0);
        &self.records[at]
    }

    fn of_mut(&mut self, kind: Kind) -> Option<&mut Records> {
        let at = KINDS.iter().position(|known| *known == kind)?;
        Some(&mut self.records[at])
    }

    /// The chain of a snapshot, from nothing.
    pub(crate) async fn build(store: &Store, snapshot: &Snapshot, cut: Cut) -> Result<Self, StoreError> {
        let mut chain = Self::new(snapshot.calendar);
        let mut folder = Folder { withdrawn: &snapshot.withdrawn, cut, clock: DayClock::new(snapshot.calendar) };
        let mut again: BTreeSet<(Kind, RecordId)> = BTreeSet::new();
        store.for_each_entry(&KINDS, 0, snapshot.seq, |chunk| chain.meet(&mut folder, &chunk, &mut again)).await?;
        chain.fold_again(store, &mut folder, again, snapshot.seq).await?;
        chain.merged = Arc::new(store.survivors_at(snapshot.seq, cut).await?);
        Ok(chain)
    }

    /// Takes entries of records that were not met before as all there is of them; of others it is noted that they have
    /// to be read whole. Most records have one entry, so that few are read twice.
    fn meet(&mut self, folder: &mut Folder<'_>, chunk: &[Entry], again: &mut BTreeSet<(Kind, RecordId)>) {
        let mut first: ById<&Entry> = ById::default();
        let mut order: Vec<(Kind, RecordId)> = Vec::new();
        for entry in chunk.iter().filter(|entry| entry.record != 0) {
            let known = self.of(entry.kind).holds(entry.record) || first.contains_key(&entry.record);
            if known {
                again.insert((entry.kind, entry.record));
            } else {
                first.insert(entry.record, entry);
                order.push((entry.kind, entry.record));
            }
        }
        for kind in KINDS {
            let of_kind = order.iter().filter(|(of, _)| *of == kind);
            let mut entries =
                of_kind.filter_map(|(_, id)| Some((*id, std::slice::from_ref(*first.get(id)?)))).peekable();
            if entries.peek().is_some()
                && let Some(records) = self.of_mut(kind)
            {
                records.apply(folder, entries);
            }
        }
        self.seq = chunk.last().map_or(self.seq, |entry| self.seq.max(entry.seq));
    }

    async fn fold_again(
        &mut self,
        store: &Store,
        folder: &mut Folder<'_>,
        touched: BTreeSet<(Kind, RecordId)>,
        seq: i64,
    ) -> Result<(), StoreError> {
        for kind in KINDS {
            let ids: Vec<RecordId> = touched.iter().filter(|(of, _)| *of == kind).map(|(_, id)| *id).collect();
            for ids in ids.chunks(RECORDS) {
                let mut entries = store.entries_of(ids).await?;
                entries.retain(|entry| entry.seq <= seq);
                let by_record = entries.chunk_by(|a, b| a.record == b.record);
                let by_record = by_record.map(|entries| (entries[0].record, entries));
                if let Some(records) = self.of_mut(kind) {
                    records.apply(folder, by_record);
                }
            }
        }
        self.seq = seq;
        Ok(())
    }

    /// The same chain at a later snapshot; absent where it has to be read from nothing: an undo withdraws entries
    /// anywhere in the journal.
    pub(crate) async fn followed(&self, store: &Store, snapshot: &Snapshot) -> Result<Option<Self>, StoreError> {
        if self.seq > snapshot.seq || self.calendar.zone != snapshot.calendar.zone {
            return Ok(None);
        }
        let mut touched: BTreeSet<(Kind, RecordId)> = BTreeSet::new();
        let mut undone = false;
        let note = |chunk: Vec<Entry>| {
            for entry in chunk {
                undone |= matches!(entry.op, Op::RetractImport { .. });
                if entry.record != 0 {
                    touched.insert((entry.kind, entry.record));
                }
            }
        };
        store.for_each_entry(&KINDS, self.seq, snapshot.seq, note).await?;
        if undone {
            return Ok(None);
        }
        let mut chain = self.clone();
        let clock = DayClock::new(snapshot.calendar);
        let mut folder = Folder { withdrawn: &snapshot.withdrawn, cut: Cut::Everything, clock };
        chain.fold_again(store, &mut folder, touched, snapshot.seq).await?;
        chain.merged = Arc::new(store.survivors_at(snapshot.seq, Cut::Everything).await?);
        Ok(Some(chain))
    }
}

/// A chain with the snapshot of deals that it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) chain: Arc<Chain>,
}
