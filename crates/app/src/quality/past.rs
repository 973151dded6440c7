//! What rules ask and journeys do not carry: the other fields of deals, customers and their contacts, what was done,
//! which metrics are tracked. At any day, as it was told.
//!
//! Journeys keep a deal's amounts, stages and owners through time, and of everything else only what holds now. Quality
//! has a past, so the rest is read from the journal here, once, and followed by its tail: entries assert and are never
//! changed, so following is appending. It is disposable, and kept for as long as the process stays.

use std::collections::HashMap;

use domain::field::{FieldId, Value, ids};
use domain::journal::{Cut, Entry, Op, Withdrawn};
use domain::quality::{email_is_sound, phone_is_sound};
use domain::text::folded;
use domain::{Instant, Kind, RecordId};
use store::Store;

use crate::Result;

/// The kinds that are followed.
const KINDS: [Kind; 5] = [Kind::Opportunity, Kind::Account, Kind::Contact, Kind::Activity, Kind::MetricValue];
/// Bytes of a text that are kept: conditions compare words, not essays.
const LONGEST: usize = 96;

/// What one entry told.
#[derive(Debug, Clone)]
enum What {
    Values(Box<[(FieldId, Value)]>),
    Gone,
    Merged(RecordId),
}

#[derive(Debug, Clone)]
struct Said {
    effective_at: Instant,
    known_at: Instant,
    source_seq: i64,
    seq: i64,
    /// 0 where it was entered here.
    import: i64,
    what: What,
}

/// A moment that the past is looked at from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct When {
    /// The first instant after the day.
    pub(crate) end: Instant,
    /// What is known.
    pub(crate) cut: Cut,
    /// The journal up to here.
    pub(crate) seq: i64,
}

/// A record at a moment.
#[derive(Debug, Default)]
pub(crate) struct Told<'p> {
    values: Vec<(FieldId, &'p Value)>,
    /// The import that first told of it; 0 where it was entered here.
    pub(crate) import: i64,
}

impl<'p> Told<'p> {
    /// What stands in a field; `None` where nothing does.
    pub(crate) fn get(&self, field: FieldId) -> Option<&'p Value> {
        self.values.iter().find(|(id, _)| *id == field).map(|(_, value)| *value)
    }

    /// A record, a day, an instant or a number.
    pub(crate) fn int(&self, field: FieldId) -> Option<i64> {
        match self.get(field)? {
            Value::Int(value) | Value::Ref(value) => Some(*value),
            _ => None,
        }
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, field: FieldId) -> Option<&'p str> {
        match self.get(field)? {
            Value::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, field: FieldId) -> Option<bool> {
        match self.get(field)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (FieldId, &'p Value)> {
        self.values.iter().copied()
    }
}

/// The past of one database.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// The journal up to here was read.
    pub(crate) seq: i64,
    withdrawn: Withdrawn,
    retracted: HashMap<i64, Instant>,
    said: HashMap<RecordId, Vec<Said>>,
    records: HashMap<Kind, Vec<RecordId>>,
    /// Records that were ever merged.
    merged: Vec<RecordId>,
}

/// What each merged record was merged into.
#[derive(Debug, Default)]
pub(crate) struct Led(HashMap<RecordId, RecordId>);

impl Led {
    /// The record that stands for another: itself, unless it was merged.
    pub(crate) fn on(&self, record: RecordId) -> RecordId {
        let mut at = record;
        // A chain is no longer than there are merges; a damaged journal is not followed forever.
        for _ in 0..self.0.len() {
            match self.0.get(&at) {
                Some(into) => at = *into,
                None => break,
            }
        }
        at
    }
}

impl Past {
    /// Reads on up to an entry.
    pub(crate) async fn follow(&mut self, store: &Store, seq: i64) -> Result<()> {
        if self.seq < seq {
            let after = self.seq;
            store
                .for_each_entry(&KINDS, after, seq, |entries| entries.into_iter().for_each(|entry| self.take(entry)))
                .await?;
            self.seq = seq;
        }
        Ok(())
    }

    /// The records of a kind that were ever told of.
    pub(crate) fn of(&self, kind: Kind) -> &[RecordId] {
        self.records.get(&kind).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn take(&mut self, entry: Entry) {
        let Entry { seq, kind, record, effective_at, known_at, source_seq, import, op, .. } = entry;
        let what = match op {
            Op::Assert(facts) => {
                let kept = facts.rest.into_iter().filter_map(|(field, value)| Some((field, kept(kind, field, value)?)));
                What::Values(kept.collect())
            }
            Op::Delete => What::Gone,
            Op::Merge { into } => What::Merged(into),
            Op::RetractEntry { seq } => {
                self.retracted.insert(seq, known_at);
                return;
            }
            Op::RetractImport { import } => {
                let op = Op::RetractImport { import };
                self.withdrawn.note(&Entry {
                    recorded_at: known_at,
                    actor: 0,
                    import: None,
                    seq,
                    kind,
                    record,
                    effective_at,
                    known_at,
                    source_seq,
                    op,
                });
                return;
            }
            Op::Erase => {
                self.erase(record);
                return;
            }
        };
        // Whether a deal stands, and its other values, journeys tell.
        let is_asked = match &what {
            What::Values(values) => kind != Kind::Opportunity || !values.is_empty(),
            What::Gone => kind != Kind::Opportunity,
            What::Merged(_) => {
                self.merged.push(record);
                true
            }
        };
        if !is_asked {
            return;
        }
        let said = self.said.entry(record).or_insert_with(|| {
            self.records.entry(kind).or_default().push(record);
            Vec::with_capacity(1)
        });
        let place = |said: &Said| (said.effective_at, said.source_seq, said.seq);
        let new = Said { effective_at, known_at, source_seq, seq, import: import.unwrap_or(0), what };
        let at = said.partition_point(|before| place(before) < place(&new));
        said.insert(at, new);
    }

    /// What was erased is no longer there to be judged, at no day.
    fn erase(&mut self, record: RecordId) {
        for said in self.said.get_mut(&record).into_iter().flatten() {
            if let What::Values(values) = &mut said.what {
                for (_, value) in values.iter_mut().filter(|(field, _)| is_personal(*field)) {
                    *value = Value::Null;
                }
            }
        }
    }

    /// What was said of a record, as far as it is known at a moment.
    fn known(&self, record: RecordId, when: When) -> impl Iterator<Item = &Said> {
        self.said
            .get(&record)
            .into_iter()
            .flatten()
            .filter(move |said| said.seq <= when.seq && when.cut.admits(said.known_at) && !self.is_gone(said, when.cut))
    }

    /// Where merged records lead at last, by the merges known at a moment. What refers to them refers to these.
    pub(crate) fn survivors(&self, when: When) -> Led {
        let into = |record: &RecordId| {
            self.known(*record, when).find_map(|said| match said.what {
                What::Merged(into) => Some((*record, into)),
                _ => None,
            })
        };
        Led(self.merged.iter().filter_map(into).collect())
    }

    /// A record at a moment; `None` where it did not stand then.
    pub(crate) fn at(&self, record: RecordId, when: When) -> Option<Told<'_>> {
        let (mut told, mut first, mut stands) = (Told::default(), i64::MAX, false);
        for said in self.known(record, when) {
            if matches!(said.what, What::Merged(_)) {
                return None;
            }
            if said.effective_at >= when.end {
                continue;
            }
            stands = !matches!(said.what, What::Gone);
            if said.seq < first {
                (first, told.import) = (said.seq, said.import);
            }
            let What::Values(values) = &said.what else { continue };
            for (field, value) in values {
                told.values.retain(|(known, _)| known != field);
                if *value != Value::Null {
                    told.values.push((*field, value));
                }
            }
        }
        stands.then_some(told)
    }

    /// Every pair of values that ever stood together in two fields of a record, as far as the journal is read.
    pub(crate) fn pairs(&self, record: RecordId, a: FieldId, b: FieldId) -> Vec<(i64, i64)> {
        let int = |values: &[(FieldId, Value)], wanted: FieldId| {
            values.iter().find_map(|(field, value)| match value {
                Value::Int(value) | Value::Ref(value) if *field == wanted => Some(*value),
                _ => None,
            })
        };
        let of = |said: &Said| match &said.what {
            What::Values(values) if !self.is_gone(said, Cut::Everything) => int(values, a).zip(int(values, b)),
            _ => None,
        };
        self.said.get(&record).into_iter().flatten().filter_map(of).collect()
    }

    fn is_gone(&self, said: &Said, cut: Cut) -> bool {
        (!self.retracted.is_empty() && self.retracted.get(&said.seq).is_some_and(|at| cut.admits(*at)))
            || (said.import != 0
                && !self.withdrawn.is_empty()
                && self.withdrawn.covers(Some(said.import), said.seq, cut))
    }
}

fn is_personal(field: FieldId) -> bool {
    [ids::ACCOUNT_PHONE, ids::CONTACT_PHONE, ids::CONTACT_EMAIL].contains(&field)
}

/// What is kept of a value: of personal text only whether it can be one, of a deal's name only what tells it from
/// others.
fn kept(kind: Kind, field: FieldId, value: Value) -> Option<Value> {
    let wanted: &[FieldId] = match kind {
        Kind::Opportunity => {
            return Some(short(if field == ids::OPPORTUNITY_NAME { named(value) } else { value }, field));
        }
        Kind::Account => &[
            ids::ACCOUNT_NAME,
            ids::ACCOUNT_INDUSTRY,
            ids::ACCOUNT_REGION,
            ids::ACCOUNT_COUNTRY,
            ids::ACCOUNT_OWNER,
            ids::ACCOUNT_GRADE,
            ids::ACCOUNT_TAX_NUMBER,
            ids::ACCOUNT_PHONE,
            ids::ACCOUNT_SEGMENT,
            ids::ACCOUNT_INDUSTRY_INFERRED,
            ids::ACCOUNT_INDUSTRY_CONFIDENCE,
        ],
        Kind::Contact => &[ids::CONTACT_ACCOUNT, ids::CONTACT_PHONE, ids::CONTACT_EMAIL],
        Kind::Activity => &[ids::ACTIVITY_OPPORTUNITY, ids::ACTIVITY_TYPE, ids::ACTIVITY_AT, ids::ACTIVITY_DONE],
        _ => &[ids::METRIC_VALUE_METRIC, ids::METRIC_VALUE_STAGE, ids::METRIC_VALUE_ON],
    };
    if !wanted.contains(&field) {
        return None;
    }
    let sound = |is_sound: fn(&str) -> bool| match &value {
        Value::Text(text) if !text.trim().is_empty() => Value::Bool(is_sound(text)),
        _ => Value::Null,
    };
    Some(match field {
        ids::ACCOUNT_PHONE | ids::CONTACT_PHONE => sound(phone_is_sound),
        ids::CONTACT_EMAIL => sound(email_is_sound),
        ids::ACCOUNT_NAME => value,
        _ => short(value, field),
    })
}

fn named(value: Value) -> Value {
    let Value::Text(text) = value else { return Value::Null };
    name_key(&text).map_or(Value::Null, Value::Int)
}

/// A name as a number: two are one name where case, width and spaces do not matter. `None` where nothing is left.
pub(super) fn name_key(name: &str) -> Option<i64> {
    let plain: String = folded(name).split_whitespace().collect();
    // FNV-1a: alike in every process, so that answers do not depend on when they were asked.
    let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    (!plain.is_empty()).then(|| plain.bytes().fold(0xcbf2_9ce4_8422_2325, hash).cast_signed())
}

fn short(value: Value, field: FieldId) -> Value {
    match value {
        Value::Text(text) if text.trim().is_empty() => Value::Null,
        Value::Text(text) if text.len() > LONGEST => {
            let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            Value::Text(text[..end].into())
        }
        Value::Json(text) if ![ids::OPPORTUNITY_FACTS, ids::OPPORTUNITY_PARTIES].contains(&field) => {
            // Whether a list is filled is all that is asked of it.
            if matches!(text.trim(), "[]" | "{}" | "null" | "") { Value::Null } else { Value::Bool(true) }
        }
        other => other,
    }
}
