//! From record ids to codes.
//!
//! Only whoever folds needs this way round; readers go from code to member. Must not know names.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use domain::RecordId;
use domain::field::{FIRST_CUSTOM, FieldId, Value, ids};
use domain::id::Kind;
use domain::journal::{Entry, Facts, HotSet, Op};
use journey::NONE;

use crate::labels::{Dimension, Labels, Member, OwnDimension};

/// Hashes record ids by one multiplication: they are dense numbers that we gave out ourselves.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_i64(&mut self, id: i64) {
        self.write_u64(id.cast_unsigned());
    }

    fn write_u64(&mut self, id: u64) {
        let mixed = (self.0 ^ id).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// A map by record id.
pub(crate) type ById<T> = HashMap<RecordId, T, BuildHasherDefault<IdHasher>>;

/// The codes given out, by dimension and, of own dimensions, by field and word; and where merged records lead.
#[derive(Debug, Clone, Default)]
pub(crate) struct Codes {
    known: [ById<u32>; 8],
    words: HashMap<FieldId, HashMap<Arc<str>, u32>>,
    merged: ById<RecordId>,
}

/// The static fields that refer to members of a dimension.
pub(crate) const STATICS: [(Dimension, FieldId); 6] = [
    (Dimension::Account, ids::OPPORTUNITY_ACCOUNT),
    (Dimension::Product, ids::OPPORTUNITY_PRODUCT),
    (Dimension::Region, ids::OPPORTUNITY_REGION),
    (Dimension::Industry, ids::OPPORTUNITY_INDUSTRY),
    (Dimension::Channel, ids::OPPORTUNITY_CHANNEL),
    (Dimension::Campaign, ids::OPPORTUNITY_CAMPAIGN),
];

/// The record that a value refers to.
pub(crate) fn reference(value: &Value) -> Option<RecordId> {
    match value {
        Value::Ref(id) | Value::Int(id) => Some(*id),
        _ => None,
    }
}

impl Codes {
    /// The codes of labels that were read back.
    pub(crate) fn of(labels: &Labels) -> Self {
        let mut codes = Self::default();
        for dimension in Dimension::ALL {
            let members = labels.members(dimension);
            let known = &mut codes.known[dimension as usize];
            known.reserve(members.len());
            known.extend(members.iter().map(|(code, member)| (member.id, code)));
            codes.merged.extend(members.iter().filter_map(|(_, member)| Some((member.id, member.merged_into?))));
        }
        for (field, words) in labels.words() {
            let named = words.iter().filter_map(|(code, word)| Some((Arc::clone(word.name.as_ref()?), code)));
            codes.words.insert(*field, named.collect());
        }
        codes
    }

    /// The code of a value of an own dimension; [`NONE`] where none was given out.
    pub(crate) fn own(&self, own: &OwnDimension, value: Option<&Value>) -> u32 {
        match (own.of, value) {
            (Some(dimension), Some(value)) => self.get(dimension, reference(value)),
            (None, Some(Value::Text(text))) => {
                self.words.get(&own.field.id).and_then(|words| words.get(&**text)).copied().unwrap_or(NONE)
            }
            _ => NONE,
        }
    }

    fn intern_own(&mut self, labels: &mut Labels, own: &OwnDimension, value: &Value) {
        match (own.of, value) {
            (Some(dimension), value) => {
                self.intern(labels, dimension, reference(value));
            }
            (None, Value::Text(text)) if !text.is_empty() => {
                let known = self.words.entry(own.field.id).or_default();
                if !known.contains_key(&**text) {
                    let word: Arc<str> = Arc::from(&**text);
                    // A word is no record: it stands under its number.
                    let words = labels.words_mut(own.field.id);
                    let id = i64::try_from(words.len() + 1).unwrap_or(i64::MAX);
                    let code = words.push(Member { name: Some(Arc::clone(&word)), ..Member::unnamed(id) });
                    known.insert(word, code);
                }
            }
            _ => {}
        }
    }

    fn meet_own(&mut self, labels: &mut Labels, kind: Kind, facts: &Facts) {
        if labels.own_dimensions().is_empty() {
            return;
        }
        for (field, value) in facts.rest.iter().filter(|(field, _)| field.0 >= FIRST_CUSTOM) {
            let own = labels.own_dimensions().iter().find(|own| own.field.id == *field && own.field.kind == kind);
            if let Some(own) = own.cloned() {
                self.intern_own(labels, &own, value);
            }
        }
    }

    /// The code of a record, of its survivor where it was merged; [`NONE`] where none was given out.
    pub(crate) fn get(&self, dimension: Dimension, id: Option<RecordId>) -> u32 {
        let known = &self.known[dimension as usize];
        id.and_then(|id| known.get(&self.led(id))).copied().unwrap_or(NONE)
    }

    /// The record that stands in the place of another at last: itself, unless it was merged.
    pub(crate) fn led(&self, id: RecordId) -> RecordId {
        let mut at = id;
        // A chain is no longer than there are merges; a damaged journal is not followed forever.
        for _ in 0..self.merged.len() {
            match self.merged.get(&at) {
                Some(next) => at = *next,
                None => break,
            }
        }
        at
    }

    /// Notes where a record leads, or that it leads nowhere else.
    pub(crate) fn lead(&mut self, id: RecordId, into: Option<RecordId>) {
        match into {
            Some(into) => drop(self.merged.insert(id, into)),
            None => drop(self.merged.remove(&id)),
        }
    }

    /// The code of a record, given out now where it has none.
    pub(crate) fn intern(&mut self, labels: &mut Labels, dimension: Dimension, id: Option<RecordId>) -> u32 {
        let Some(id) = id else { return NONE };
        let known = &mut self.known[dimension as usize];
        *known.entry(id).or_insert_with(|| labels.members_mut(dimension).push(Member::unnamed(id)))
    }

    /// Gives a code to every record that the entry names, the entry's own included, in a fixed order.
    pub(crate) fn meet(&mut self, labels: &mut Labels, entry: &Entry) {
        if let Some(dimension) = Dimension::of(entry.kind) {
            self.intern(labels, dimension, Some(entry.record));
        }
        if let (Op::Merge { into }, Some(dimension)) = (&entry.op, Dimension::of(entry.kind)) {
            self.intern(labels, dimension, Some(*into));
        }
        if let Op::Assert(facts) = &entry.op {
            match entry.kind {
                Kind::Opportunity => {
                    self.meet_deal(labels, facts);
                    self.meet_own(labels, entry.kind, facts);
                }
                Kind::Account => {
                    let fields =
                        [(Dimension::Region, ids::ACCOUNT_REGION), (Dimension::Industry, ids::ACCOUNT_INDUSTRY)];
                    self.meet_fields(labels, facts, &fields);
                    self.meet_own(labels, entry.kind, facts);
                }
                _ => {}
            }
        }
    }

    fn meet_deal(&mut self, labels: &mut Labels, facts: &Facts) {
        if facts.set.has(HotSet::OWNER) {
            self.intern(labels, Dimension::Owner, facts.hot.owner);
        }
        if facts.set.has(HotSet::TEAM) {
            self.intern(labels, Dimension::Team, facts.hot.team);
        }
        if !facts.rest.is_empty() {
            self.meet_fields(labels, facts, &STATICS);
        }
    }

    fn meet_fields(&mut self, labels: &mut Labels, facts: &Facts, fields: &[(Dimension, FieldId)]) {
        for (field, value) in &facts.rest {
            if let Some((dimension, _)) = fields.iter().find(|(_, id)| id == field) {
                self.intern(labels, *dimension, reference(value));
            }
        }
    }
}
