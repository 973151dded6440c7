//! Journals for the tests of this crate: random ones, and a writer of small ones.

use std::sync::Arc;

use domain::field::{FieldId, Value, ids};
use domain::id::Kind;
use domain::journal::{Entry, Facts, Op};
use domain::process::{Process, Stage, StageKind};
use domain::words::Text2;
use domain::{Calendar, Currency, Day, Instant, Outcome, ProcessId, RecordId, StageId};
use proptest::prelude::*;

use crate::build::ExternalIds;
use crate::codes::ById;
use crate::ledger::{Context, Ledger, Rebuild};

pub(crate) const DAY: i64 = 86_400_000_000;

/// Process `sale` version 1 (stages 1 to 3 open, 4 won, 5 lost) and `rent` (stage 6 open, 7 won).
pub(crate) fn processes() -> Vec<Process> {
    let stage = |key: &str, order, kind| Stage::lean(key, Text2::new(key, key), order, kind);
    let process = |key: &str, stages: Vec<Stage>, id, first| {
        let toml =
            format!("key = \"{key}\"\ndetail = \"lean\"\nname = {{ zh = \"{key}\", en = \"{key}\" }}\nstages = []\n");
        let mut process: Process = toml::from_str(&toml).expect("a process");
        process.stages = stages;
        process.with_ids(ProcessId(id), StageId(first))
    };
    vec![
        process(
            "sale",
            vec![
                stage("lead", 1, StageKind::Open),
                stage("talk", 2, StageKind::Open),
                stage("offer", 3, StageKind::Open),
                stage("won", 4, StageKind::Won),
                stage("lost", 5, StageKind::Lost),
            ],
            1,
            1,
        ),
        process("rent", vec![stage("ask", 1, StageKind::Open), stage("let", 2, StageKind::Won)], 2, 6),
    ]
}

/// A custom field by which nobody groups.
pub(crate) fn custom(id: u16, kind: Kind, name: &str, ty: domain::field::FieldType) -> domain::CustomField {
    domain::CustomField {
        id: FieldId(id),
        kind,
        name: name.to_owned(),
        ty,
        label: domain::words::Text2::new(name, name),
        choices: Vec::new(),
        required: false,
        dimension: false,
        retired: false,
    }
}

/// One field by which nobody groups, and three dimensions: of accounts, of deals, and one that refers to regions.
fn custom_fields() -> Vec<domain::CustomField> {
    use domain::field::FieldType;
    let dimension = |field| domain::CustomField { dimension: true, ..field };
    vec![
        custom(1000, Kind::Opportunity, "segment", FieldType::Text),
        dimension(custom(TIER.0, Kind::Account, "tier", FieldType::Text)),
        dimension(custom(SORT.0, Kind::Opportunity, "sort_of", FieldType::Text)),
        dimension(custom(HOME.0, Kind::Opportunity, "home", FieldType::Ref(Kind::Region))),
    ]
}

/// An own dimension of accounts.
pub(crate) const TIER: FieldId = FieldId(1001);
/// An own dimension of deals.
pub(crate) const SORT: FieldId = FieldId(1002);
/// An own dimension of deals whose values are regions.
pub(crate) const HOME: FieldId = FieldId(1003);

pub(crate) fn context() -> Context {
    Context {
        config: 0,
        database_id: "here".to_owned(),
        calendar: Calendar::new(chrono_tz::Asia::Shanghai),
        currency: Some(Currency::CNY),
        rates: None,
        processes: processes(),
        custom_fields: custom_fields(),
    }
}

/// A journal being written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal(pub(crate) Vec<Entry>);

impl Journal {
    /// Appends an entry: effective and known on days since 1970 (at noon UTC).
    pub(crate) fn put(&mut self, kind: Kind, record: RecordId, day: i64, known: i64, op: Op) -> &mut Entry {
        let seq = self.0.len() as i64 + 1;
        let noon = |day: i64| Instant(day * DAY + DAY / 2);
        let (effective_at, known_at) = (noon(day), noon(known));
        self.0.push(Entry {
            seq,
            kind,
            record,
            effective_at,
            known_at,
            recorded_at: known_at,
            source_seq: 0,
            import: None,
            actor: 0,
            op,
        });
        self.0.last_mut().expect("just pushed")
    }

    pub(crate) fn deal(&mut self, record: RecordId, day: i64, facts: Facts) -> &mut Entry {
        self.put(Kind::Opportunity, record, day, day, Op::Assert(facts))
    }

    pub(crate) fn name(&mut self, kind: Kind, record: RecordId, name: &str) -> &mut Entry {
        let dimension = crate::labels::Dimension::of(kind).expect("a dimension");
        let facts = Facts::default().with(dimension.name_field(), Value::Text(name.into()));
        self.put(kind, record, 0, 0, Op::Assert(facts))
    }

    pub(crate) fn of(&self, deal: RecordId) -> Vec<Entry> {
        self.0.iter().filter(|entry| entry.record == deal && entry.record != 0).cloned().collect()
    }

    pub(crate) fn by_deal(&self) -> ById<Vec<Entry>> {
        let mut deals: ById<Vec<Entry>> = ById::default();
        for entry in self.0.iter().filter(|entry| entry.kind == Kind::Opportunity && entry.record != 0) {
            deals.entry(entry.record).or_default().push(entry.clone());
        }
        deals
    }

    /// A ledger rebuilt from all of it, in chunks.
    pub(crate) fn rebuild(&self) -> Ledger {
        let mut rebuild = Rebuild::new(context(), 1);
        for chunk in self.0.chunks(7) {
            rebuild.add(chunk.to_vec());
        }
        rebuild.finish(self.0.len() as i64, &external_ids())
    }

    /// Brings a ledger from where it is up to entry `until`, as a refresh does.
    pub(crate) fn refresh(&self, ledger: &mut Ledger, until: usize) {
        let tail = &self.0[usize::try_from(ledger.seq()).expect("a seq")..until];
        let mut touched = ledger.touched(tail);
        for import in &touched.imports {
            for entry in self.0[..until].iter().filter(|entry| entry.import == Some(*import)) {
                if entry.kind == Kind::Opportunity {
                    if !touched.new_deals.contains(&entry.record) {
                        touched.deals.insert(entry.record);
                    }
                } else {
                    touched.members.insert((entry.kind, entry.record));
                }
            }
        }
        ledger.meet(tail);
        // What was written after `until` is not there yet.
        let there = |id: i64| -> Vec<Entry> {
            let last = i64::try_from(until).expect("a seq");
            self.of(id).into_iter().filter(|entry| entry.seq <= last).collect()
        };
        let members: Vec<_> = touched.members.iter().map(|(kind, id)| (*kind, *id, there(*id))).collect();
        ledger.apply_members(&members);
        let deals = touched.deals.iter().chain(&touched.new_deals);
        let deals: Vec<_> = deals.map(|deal| (*deal, there(*deal))).collect();
        ledger.apply_deals(&deals, &external_ids());
    }
}

pub(crate) fn external_ids() -> ExternalIds {
    [(1, "S-1"), (3, "S-3")].into_iter().map(|(deal, id)| (deal, Arc::from(id))).collect()
}

fn facts() -> impl Strategy<Value = Facts> {
    let owner = prop::option::of(20_i64..23);
    let currency = prop::option::of(prop::sample::select(vec![Currency::CNY, Currency::EUR]));
    let hot = (
        (any::<u8>(), 0_u32..8, prop::sample::select(Outcome::ALL.to_vec())),
        (prop::option::of(-5_i64..1000), currency, owner, prop::option::of(30_i64..32)),
        (prop::option::of(0_i32..50), prop::option::of(0_i32..1_000_000)),
    );
    let rest = prop::collection::vec((0_usize..7, prop::option::of(0_i64..3)), 0..3);
    (hot, rest).prop_map(|(((set, stage, outcome), (amount, currency, owner, team), (close, ppm)), rest)| {
        let mut facts = Facts::default();
        let bit = |at: u8| set & (1 << at) != 0;
        if bit(0) {
            facts = facts.stage(StageId(stage));
        }
        if bit(1) {
            facts = facts.outcome(outcome);
        }
        if bit(2) {
            facts = facts.amount_minor(amount);
        }
        if bit(3) {
            facts = facts.currency(currency);
        }
        if bit(4) {
            facts = facts.owner(owner);
        }
        if bit(5) {
            facts = facts.team(team);
        }
        if bit(6) {
            facts = facts.expected_close_on(close.map(Day));
        }
        if bit(7) {
            facts = facts.probability_ppm(ppm);
        }
        for (field, value) in rest {
            let (field, base) = [
                (ids::OPPORTUNITY_ACCOUNT, 40),
                (ids::OPPORTUNITY_REGION, 50),
                (ids::OPPORTUNITY_PRODUCT, 60),
                (ids::OPPORTUNITY_PROCESS, 0),
                (FieldId(1000), 0),
                (SORT, 0),
                (HOME, 50),
            ][field];
            let value = match value {
                None => Value::Null,
                Some(value) if field == ids::OPPORTUNITY_PROCESS => Value::Int(value),
                Some(value) if field == FieldId(1000) || field == SORT => Value::Text(format!("s{value}").into()),
                Some(value) => Value::Ref(base + value),
            };
            facts.put(field, value);
        }
        facts
    })
}

/// Random journals over six deals, three accounts, imports, undos, merges and late news.
pub(crate) fn journals() -> impl Strategy<Value = Journal> {
    let line =
        ((0_u8..24, 1_i64..7, facts()), (0_i64..40, 0_i64..6, 0_i64..3), (prop::option::of(1_i64..3), any::<u16>()));
    prop::collection::vec(line, 1..60).prop_map(|lines| {
        let mut journal = Journal::default();
        for ((what, deal, facts), (day, late, source_seq), (import, any)) in lines {
            let written = journal.0.len() as i64;
            let (kind, record, op) = match what {
                0 => (Kind::Opportunity, deal, Op::Delete),
                1 => (Kind::Opportunity, deal, Op::Merge { into: 1 }),
                2 if written > 0 => {
                    let seq = i64::from(any) % written + 1;
                    let of = &journal.0[usize::try_from(seq - 1).expect("a place")];
                    (of.kind, of.record, Op::RetractEntry { seq })
                }
                3 => (Kind::Opportunity, 0, Op::RetractImport { import: import.unwrap_or(1) }),
                4 | 5 => {
                    let region = Value::Ref(50 + i64::from(any % 3));
                    let tier = Value::Text(format!("t{}", any / 3 % 3).into());
                    let facts = Facts::default().with(ids::ACCOUNT_REGION, region);
                    let facts = if any % 2 == 0 { facts.with(TIER, tier) } else { facts };
                    (Kind::Account, 40 + deal % 3, Op::Assert(facts))
                }
                7 if deal % 3 != 0 => (Kind::Account, 40 + deal % 3, Op::Merge { into: 40 + deal % 3 - 1 }),
                6 => {
                    let name = Value::Text(format!("person {}", any % 4).into());
                    (Kind::Person, 20 + deal % 3, Op::Assert(Facts::default().with(ids::PERSON_NAME, name)))
                }
                _ => (Kind::Opportunity, deal, Op::Assert(facts)),
            };
            if record == 0 && !matches!(op, Op::RetractImport { .. }) {
                continue;
            }
            // Merges of customers come from people.
            let undo =
                matches!(op, Op::RetractImport { .. }) || (kind == Kind::Account && matches!(op, Op::Merge { .. }));
            let entry = journal.put(kind, record, day, day + late, op);
            entry.source_seq = source_seq;
            entry.import = if undo { None } else { import };
        }
        journal
    })
}
