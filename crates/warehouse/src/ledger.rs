//! The writing side of the warehouse: what a refresh changes, and the snapshots it publishes.
//!
//! A ledger has no IO: it is handed entries, by a rebuild all of them, by a refresh those of the records
//! that the tail of the journal touches. Either way leads to the same journeys, which a property holds.
//! Partitions are copied on write, so a snapshot that somebody reads never moves.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use arrow::buffer::ScalarBuffer;
use domain::field::{FieldId, Value, ids};
use domain::id::Kind;
use domain::journal::{Cut, Entry, Op, Withdrawn, fold};
use domain::process::Process;
use domain::{Calendar, Currency, CustomField, Rates, RecordId};
use rayon::prelude::*;

use crate::build::{ExternalIds, PartitionBuilder, splice};
use crate::codes::{ById, Codes, reference};
use crate::fold::{Folded, Folder, inherit, own_of_account};
use crate::labels::{Dimension, Labels, Member, OwnDimension};
use crate::raw::RawDeals;
use crate::snapshot::{Attributes, PARTITION_DEALS, Partition, Snapshot};

/// What the journal does not say.
#[derive(Debug, Clone)]
pub struct Context {
    /// The database's own random id.
    pub database_id: String,
    /// The database's mark of what follows, as it was before it was read.
    pub config: i64,
    /// The organisation's calendar.
    pub calendar: Calendar,
    /// The organisation's currency.
    pub currency: Option<Currency>,
    /// Exchange rates into it.
    pub rates: Option<Arc<Rates>>,
    /// Every process version, with ids.
    pub processes: Vec<Process>,
    /// Custom fields, by id.
    pub custom_fields: Vec<CustomField>,
}

/// Entries of the journal's tail, sorted by what has to be folded again.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    /// Deals that are new, in the order in which the tail names them: their entries are all in the tail.
    pub(crate) new_deals: Vec<RecordId>,
    /// Deals known before.
    pub(crate) deals: BTreeSet<RecordId>,
    /// Records of dimensions.
    pub(crate) members: BTreeSet<(Kind, RecordId)>,
    /// Imports that were withdrawn: every record they touched is touched.
    pub(crate) imports: BTreeSet<i64>,
}

/// The resident state.
pub(crate) struct Ledger {
    context: Context,
    seq: i64,
    withdrawn: Withdrawn,
    codes: Codes,
    labels: Labels,
    rows: ById<u32>,
    partitions: Vec<Arc<Partition>>,
    next_version: u64,
}

impl Ledger {
    /// A ledger of an empty journal.
    pub(crate) fn new(context: Context) -> Self {
        let mut labels = Labels::default();
        labels.set_processes(context.processes.clone());
        labels.set_custom_fields(&context.custom_fields);
        Self {
            context,
            seq: 0,
            withdrawn: Withdrawn::default(),
            codes: Codes::default(),
            labels,
            rows: ById::default(),
            partitions: Vec::new(),
            next_version: 1,
        }
    }

    /// A ledger as a checkpoint left it.
    pub(crate) fn restored(
        context: Context,
        seq: i64,
        withdrawn: Withdrawn,
        mut labels: Labels,
        parts: Vec<(Arc<journey::Journeys>, Arc<Attributes>)>,
    ) -> Self {
        labels.set_processes(context.processes.clone());
        labels.set_custom_fields(&context.custom_fields);
        let mut rows = ById::default();
        rows.reserve(parts.iter().map(|(journeys, _)| journeys.len()).sum());
        for (base, (journeys, _)) in (0_u32..).step_by(PARTITION_DEALS).zip(&parts) {
            rows.extend(journeys.deal.iter().copied().zip(base..));
        }
        let next_version = parts.len() as u64 + 1;
        let partitions = (1..)
            .zip(parts)
            .map(|(version, (journeys, attributes))| Arc::new(Partition::new(version, journeys, attributes)));
        let partitions = partitions.collect();
        Self { codes: Codes::of(&labels), context, seq, withdrawn, labels, rows, partitions, next_version }
    }

    /// The journal up to here is in it.
    pub(crate) const fn seq(&self) -> i64 {
        self.seq
    }

    /// No partition has this version or a later one.
    pub(crate) const fn next_version(&self) -> u64 {
        self.next_version
    }

    /// The context it folds under.
    pub(crate) const fn context(&self) -> &Context {
        &self.context
    }

    /// Takes another context. `false` where that needs a rebuild, and then nothing changed: the calendar differs, or
    /// deals are to be grouped by a field that was there before, whose values were passed over.
    pub(crate) fn set_context(&mut self, context: Context) -> bool {
        if self.passed_over(&context.custom_fields) {
            return false;
        }
        if context.calendar.zone != self.context.calendar.zone || context.database_id != self.context.database_id {
            return false;
        }
        if context.processes != self.context.processes {
            self.labels.set_processes(context.processes.clone());
        }
        if context.custom_fields != self.context.custom_fields {
            self.labels.set_custom_fields(&context.custom_fields);
        }
        self.context = context;
        true
    }

    fn passed_over(&self, custom: &[CustomField]) -> bool {
        let before = |field: &CustomField| self.context.custom_fields.iter().find(|old| old.id == field.id);
        custom.iter().any(|field| field.is_dimension() && before(field).is_some_and(|old| !old.is_dimension()))
    }

    /// What the tail touches. The tail follows on [`Ledger::seq`] without a gap.
    pub(crate) fn touched(&self, tail: &[Entry]) -> Touched {
        let mut touched = Touched::default();
        let mut seen = HashSet::new();
        for entry in tail {
            match (&entry.op, entry.kind) {
                (Op::RetractImport { import }, _) => {
                    touched.imports.insert(*import);
                }
                (_, Kind::Opportunity) if self.rows.contains_key(&entry.record) => {
                    touched.deals.insert(entry.record);
                }
                (_, Kind::Opportunity) => {
                    if seen.insert(entry.record) {
                        touched.new_deals.push(entry.record);
                    }
                }
                (op, kind) => {
                    if let Some(dimension) = Dimension::of(kind) {
                        touched.members.insert((kind, entry.record));
                        if matches!(op, Op::Merge { .. } | Op::RetractEntry { .. }) {
                            // Its deals become another's, or its own again.
                            touched.deals.extend(self.deals_of(dimension, entry.record));
                        }
                    }
                }
            }
        }
        touched
    }

    /// The deals that count for a record of a dimension now, or for the one it was merged into.
    fn deals_of(&self, dimension: Dimension, id: RecordId) -> Vec<RecordId> {
        let code = self.codes.get(dimension, Some(id));
        let of_partition = |partition: &Arc<Partition>| {
            let journeys = &partition.journeys;
            let column = match dimension {
                Dimension::Account => &journeys.account,
                Dimension::Product => &journeys.product,
                Dimension::Region => &journeys.region,
                Dimension::Industry => &journeys.industry,
                Dimension::Channel => &journeys.channel,
                Dimension::Campaign => &journeys.campaign,
                // People and teams change with time: deals name them entry by entry, and they are not merged.
                Dimension::Owner | Dimension::Team => return Vec::new(),
            };
            let has = column.iter().zip(journeys.deal.iter()).filter(|(has, _)| **has == code);
            has.map(|(_, deal)| *deal).collect::<Vec<_>>()
        };
        if code == journey::NONE { Vec::new() } else { self.partitions.iter().flat_map(of_partition).collect() }
    }

    /// Notes codes and retractions of the tail, before anything is folded.
    pub(crate) fn meet(&mut self, tail: &[Entry]) {
        for entry in tail {
            if matches!(entry.op, Op::RetractImport { .. }) {
                self.withdrawn.note(entry);
            } else {
                self.codes.meet(&mut self.labels, entry);
            }
            self.seq = self.seq.max(entry.seq);
        }
    }

    /// Folds records of dimensions again: all entries of each.
    pub(crate) fn apply_members(&mut self, entries: &[(Kind, RecordId, Vec<Entry>)]) {
        let mut accounts = BTreeSet::new();
        for (kind, id, entries) in entries {
            let Some(dimension) = Dimension::of(*kind) else { continue };
            let code = self.codes.intern(&mut self.labels, dimension, Some(*id));
            let member = self.member(dimension, *id, entries);
            self.codes.lead(*id, member.merged_into);
            let before = self.labels.members(dimension).get(code);
            let same = |before: &Member| {
                (before.region, before.industry, &before.own) == (member.region, member.industry, &member.own)
            };
            let moved = !before.is_some_and(same);
            if self.labels.members_mut(dimension).replace(code, member) && moved && dimension == Dimension::Account {
                accounts.insert(code);
            }
        }
        if !accounts.is_empty() {
            self.inherit_again(&accounts);
        }
    }

    fn member(&self, dimension: Dimension, id: RecordId, entries: &[Entry]) -> Member {
        let mut timeline = fold(entries, &self.withdrawn, Cut::Everything);
        let (merged_into, stands) = (timeline.merged_into, timeline.stands());
        if merged_into.is_some() {
            // What it was called and where it lay stays known: history names it.
            let before: Vec<Entry> =
                entries.iter().filter(|entry| !matches!(entry.op, Op::Merge { .. })).cloned().collect();
            timeline = fold(&before, &self.withdrawn, Cut::Everything);
        }
        let name = match timeline.rest.get(&dimension.name_field()) {
            Some(Value::Text(text)) if !text.is_empty() => Some(Arc::from(&**text)),
            _ => None,
        };
        let read = |field| timeline.rest.get(&field).and_then(reference);
        let of_account = |dimension_of, field| {
            if dimension == Dimension::Account { self.codes.get(dimension_of, read(field)) } else { journey::NONE }
        };
        Member {
            id,
            name,
            parent: dimension.parent_field().and_then(read),
            region: of_account(Dimension::Region, ids::ACCOUNT_REGION),
            industry: of_account(Dimension::Industry, ids::ACCOUNT_INDUSTRY),
            keeper: if dimension == Dimension::Account { read(ids::ACCOUNT_OWNER) } else { None },
            stands,
            merged_into,
            own: if dimension == Dimension::Account { self.own_of(&timeline.rest) } else { Vec::new() },
        }
    }

    /// What an account has of the own dimensions.
    fn own_of(&self, rest: &BTreeMap<FieldId, Value>) -> Vec<(FieldId, u32)> {
        let of_accounts = self.labels.own_dimensions().iter().filter(|own| own.is_of_account());
        let code = |own: &OwnDimension| (own.field.id, self.codes.own(own, rest.get(&own.field.id)));
        of_accounts.map(code).filter(|(_, code)| *code != journey::NONE).collect()
    }

    /// Region, industry and own dimensions of deals that have the account's, after these accounts changed theirs.
    fn inherit_again(&mut self, accounts: &BTreeSet<u32>) {
        let own: Vec<FieldId> =
            self.labels.own_dimensions().iter().filter(|own| own.is_of_account()).map(|own| own.field.id).collect();
        for partition in &mut self.partitions {
            let (journeys, attributes) = (&partition.journeys, &partition.attributes);
            let affected = |row: &usize| {
                (attributes.inherited[*row] != 0 || !own.is_empty()) && accounts.contains(&journeys.account[*row])
            };
            let rows: Vec<usize> = (0..journeys.len()).filter(affected).collect();
            if rows.is_empty() {
                continue;
            }
            let (mut region, mut industry) = (journeys.region.to_vec(), journeys.industry.to_vec());
            let again = |field: FieldId| {
                let mut codes = attributes.own(field).to_vec();
                rows.iter().for_each(|row| codes[*row] = own_of_account(&self.labels, journeys.account[*row], field));
                (field, ScalarBuffer::from(codes))
            };
            let of_accounts: Vec<(FieldId, ScalarBuffer<u32>)> = own.iter().copied().map(again).collect();
            for row in rows {
                let flags = attributes.inherited[row];
                let own = |code: u32, flag: u8| if flags & flag == 0 { code } else { journey::NONE };
                let (own_region, own_industry) =
                    (own(region[row], Attributes::REGION), own(industry[row], Attributes::INDUSTRY));
                (region[row], industry[row], _) =
                    inherit(&self.labels, journeys.account[row], own_region, own_industry);
            }
            let mut journeys = journey::Journeys::clone(journeys);
            (journeys.region, journeys.industry) = (ScalarBuffer::from(region), ScalarBuffer::from(industry));
            let attributes = if of_accounts.is_empty() {
                Arc::clone(attributes)
            } else {
                let kept = attributes.own.iter().filter(|(field, _)| !own.contains(field)).cloned();
                let mut all: Vec<_> = kept.chain(of_accounts).collect();
                all.sort_by_key(|(field, _)| *field);
                Arc::new(Attributes { own: all, ..Attributes::clone(attributes) })
            };
            *partition = Arc::new(Partition::new(self.next_version, Arc::new(journeys), attributes));
            self.next_version += 1;
        }
    }

    /// Folds deals again: all entries of each, new deals in order after those known.
    pub(crate) fn apply_deals(&mut self, entries: &[(RecordId, Vec<Entry>)], external: &ExternalIds) {
        let mut by_partition: BTreeMap<usize, BTreeMap<usize, Folded>> = BTreeMap::new();
        let mut folder = Folder::new(&self.codes, &self.labels, &self.withdrawn, self.context.calendar);
        for (deal, entries) in entries {
            let next = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
            let place = *self.rows.entry(*deal).or_insert(next) as usize;
            let until: Vec<Entry>;
            let known = if entries.iter().all(|entry| entry.seq <= self.seq) {
                entries
            } else {
                until = entries.iter().filter(|entry| entry.seq <= self.seq).cloned().collect();
                &until
            };
            let folded = folder.deal(*deal, known, Cut::Everything);
            by_partition.entry(place / PARTITION_DEALS).or_default().insert(place % PARTITION_DEALS, folded);
        }
        for (at, rows) in by_partition {
            let version = self.next_version;
            self.next_version += 1;
            if let Some(partition) = self.partitions.get_mut(at) {
                *partition = Arc::new(splice(partition, rows, version, external, &self.labels));
            } else {
                let mut builder = PartitionBuilder::default();
                for folded in rows.into_values() {
                    builder.push(folded, external);
                }
                self.partitions.push(Arc::new(builder.finish(version, &self.labels)));
            }
        }
    }

    /// The state as of now, to be read.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            database_id: self.context.database_id.clone(),
            seq: self.seq,
            calendar: self.context.calendar,
            currency: self.context.currency,
            rates: self.context.rates.clone(),
            partitions: self.partitions.clone(),
            labels: self.labels.clone(),
            withdrawn: Arc::new(self.withdrawn.clone()),
        }
    }
}

/// A rebuild under way: every entry of the journal, in any chunks.
pub(crate) struct Rebuild {
    ledger: Ledger,
    members: BTreeMap<(Kind, RecordId), Vec<Entry>>,
    deals: RawDeals,
}

impl Rebuild {
    /// A rebuild whose partitions have versions from `first_version` on.
    pub(crate) fn new(context: Context, first_version: u64) -> Self {
        let ledger = Ledger { next_version: first_version, ..Ledger::new(context) };
        Self { ledger, members: BTreeMap::new(), deals: RawDeals::default() }
    }

    /// Takes a chunk. Entries of records that the warehouse does not follow are passed over.
    pub(crate) fn add(&mut self, chunk: Vec<Entry>) {
        self.ledger.meet(&chunk);
        for entry in chunk {
            if matches!(entry.op, Op::RetractImport { .. }) {
                continue;
            }
            if entry.kind == Kind::Opportunity {
                self.deals.add(&self.ledger.codes, entry);
            } else if Dimension::of(entry.kind).is_some() {
                self.members.entry((entry.kind, entry.record)).or_default().push(entry);
            }
        }
    }

    /// Folds everything. `head` is the journal's head that the chunks reach up to.
    pub(crate) fn finish(self, head: i64, external: &ExternalIds) -> Ledger {
        let Self { mut ledger, members, deals } = self;
        ledger.seq = ledger.seq.max(head);
        let members: Vec<_> = members.into_iter().map(|((kind, id), entries)| (kind, id, entries)).collect();
        ledger.apply_members(&members);
        drop(members);
        let grouped = deals.group();
        let count = grouped.deals().len();
        ledger.partitions = (0..count.div_ceil(PARTITION_DEALS))
            .into_par_iter()
            .map(|at| {
                let mut folder = Folder::new(&ledger.codes, &ledger.labels, &ledger.withdrawn, ledger.context.calendar);
                let mut builder = PartitionBuilder::default();
                for place in at * PARTITION_DEALS..count.min((at + 1) * PARTITION_DEALS) {
                    builder.push(grouped.fold(place, &mut folder), external);
                }
                Arc::new(builder.finish(ledger.next_version + at as u64, &ledger.labels))
            })
            .collect();
        ledger.next_version += ledger.partitions.len() as u64;
        ledger.rows = grouped.deals().iter().copied().zip(0..).collect();
        ledger
    }
}
