//! What the survivor of a merge takes over, field by field. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use domain::field::{FIRST_CUSTOM, FieldId, FieldType, Value, builtin, ids};
use domain::journal::Facts;
use domain::{Currency, Day, Kind, RecordId};
use store::Record;

use super::keys::aliases;
use crate::records::hot_values;

/// Whose value stands in a field that several records fill. What is empty there is filled from the others in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// The survivor's.
    #[default]
    Survivor,
    /// That of the record that tells most.
    MostComplete,
    /// That of the record that was changed last.
    Newest,
}

impl Strategy {
    /// Every strategy with its word.
    pub const WORDS: [(&'static str, Self); 3] =
        [("survivor", Self::Survivor), ("most_complete", Self::MostComplete), ("newest", Self::Newest)];

    /// The strategy of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, strategy)| *strategy)
    }
}

/// What a deal went through is its own: where it stands, how it ended and why stay the survivor's. Aliases are gathered.
const OWN: [FieldId; 6] = [
    ids::OPPORTUNITY_STAGE,
    ids::OPPORTUNITY_OUTCOME,
    ids::OPPORTUNITY_PROCESS,
    ids::OPPORTUNITY_REASON,
    ids::OPPORTUNITY_FACTS,
    ids::ACCOUNT_ALIASES,
];

/// What goes with another field: a currency with its amount, a team with its seller.
const WITH: [(FieldId, FieldId); 3] = [
    (ids::OPPORTUNITY_CURRENCY, ids::OPPORTUNITY_AMOUNT),
    (ids::OPPORTUNITY_TEAM, ids::OPPORTUNITY_OWNER),
    (ids::ACCOUNT_CURRENCY, ids::ACCOUNT_REVENUE),
];

/// Every value of a record by field.
pub(super) fn values(record: &Record) -> BTreeMap<FieldId, Value> {
    let mut values: BTreeMap<FieldId, Value> = record.rest.iter().cloned().collect();
    if record.kind == Kind::Opportunity {
        values.extend(hot_values(&record.hot));
    }
    values.retain(|_, value| *value != Value::Null);
    values
}

/// What a record is called.
pub(super) fn name(record: &Record) -> Option<&str> {
    record.text(match record.kind {
        Kind::Contact => ids::CONTACT_NAME,
        Kind::Opportunity => ids::OPPORTUNITY_NAME,
        _ => ids::ACCOUNT_NAME,
    })
}

/// The record that is proposed to stay: the one that tells most, of several the one that was made first.
pub(super) fn propose(records: &[&Record]) -> Option<RecordId> {
    records.iter().map(|record| (Reverse(values(record).len()), record.id)).min().map(|(_, id)| id)
}

/// What each merged record gives the survivor: one set of facts a record of `merged`, in their order, possibly empty.
/// `picked` names for fields the record whose value stands, be it empty.
pub(super) fn gifts(
    survivor: &Record,
    merged: &[&Record],
    strategy: Strategy,
    picked: &BTreeMap<FieldId, RecordId>,
) -> Vec<Facts> {
    let mut records: Vec<(&Record, BTreeMap<FieldId, Value>)> =
        std::iter::once(survivor).chain(merged.iter().copied()).map(|record| (record, values(record))).collect();
    match strategy {
        Strategy::Survivor => {}
        Strategy::MostComplete => records.sort_by_key(|(_, values)| Reverse(values.len())),
        Strategy::Newest => records.sort_by_key(|(record, _)| Reverse(record.version)),
    }
    let ids: HashSet<RecordId> = records.iter().map(|(record, _)| record.id).collect();
    let fields: HashSet<FieldId> = records.iter().flat_map(|(_, values)| values.keys().copied()).collect();
    let mut gifts = vec![Facts::default(); merged.len()];
    let mut fields: Vec<FieldId> = fields.into_iter().filter(|field| !OWN.contains(field)).collect();
    fields.sort_unstable();
    for field in fields {
        let decides = WITH.iter().find(|(follower, _)| *follower == field).map_or(field, |(_, leader)| *leader);
        let has = |field: FieldId| {
            let first = records.iter().find(|(_, values)| values.contains_key(&field));
            let chosen = picked.get(&field).and_then(|id| records.iter().find(|(record, _)| record.id == *id));
            chosen.or(first)
        };
        let Some((from, theirs)) = has(decides).or_else(|| has(field)) else { continue };
        let value = theirs.get(&field).cloned().unwrap_or(Value::Null);
        // A record is not its own parent.
        let is_own = matches!(&value, Value::Ref(id) if ids.contains(id));
        let standing = records.iter().find(|(record, _)| record.id == survivor.id).and_then(|(_, own)| own.get(&field));
        let is_news = value != *standing.unwrap_or(&Value::Null);
        if let Some(at) = merged.iter().position(|record| record.id == from.id).filter(|_| is_news && !is_own) {
            gifts[at] = set(std::mem::take(&mut gifts[at]), field, value);
        }
    }
    give_names(survivor, merged, &mut gifts);
    gifts
}

/// The names that merged customers had become aliases of the survivor, each with the gift of its own record.
fn give_names(survivor: &Record, merged: &[&Record], gifts: &mut [Facts]) {
    if survivor.kind != Kind::Account {
        return;
    }
    let given = gifts.iter().find_map(|gift| gift.rest.iter().find(|(field, _)| *field == ids::ACCOUNT_NAME));
    let called = match given {
        Some((_, Value::Text(text))) => Some(text.to_string()),
        _ => name(survivor).map(str::to_owned),
    };
    let mut all = aliases(survivor);
    let add = |all: &mut Vec<String>, name: String| {
        if Some(&name) != called.as_ref() && !all.contains(&name) {
            all.push(name);
        }
    };
    add_own(survivor, called.as_ref(), &mut all);
    for (record, gift) in merged.iter().zip(gifts) {
        let before = all.len();
        for other in name(record).map(str::to_owned).into_iter().chain(aliases(record)) {
            add(&mut all, other);
        }
        let renames = gift.rest.iter().any(|(field, _)| *field == ids::ACCOUNT_NAME);
        if all.len() > before || renames {
            gift.put(ids::ACCOUNT_ALIASES, Value::Json(serde_json::json!(all).to_string().into()));
        }
    }
}

/// A survivor that is renamed keeps its name among the others.
fn add_own(survivor: &Record, called: Option<&String>, all: &mut Vec<String>) {
    if let Some(own) = name(survivor)
        && called.is_some_and(|called| called != own)
        && !all.iter().any(|known| known == own)
    {
        all.push(own.to_owned());
    }
}

/// Sets any field of a record.
fn set(mut facts: Facts, field: FieldId, value: Value) -> Facts {
    let int = match &value {
        Value::Int(value) | Value::Ref(value) => Some(*value),
        _ => None,
    };
    let small = |value: i64| i32::try_from(value).ok();
    match field {
        ids::OPPORTUNITY_AMOUNT => facts.amount_minor(int),
        ids::OPPORTUNITY_CURRENCY => {
            facts.currency(int.and_then(|code| u16::try_from(code).ok()).and_then(Currency::from_code))
        }
        ids::OPPORTUNITY_OWNER => facts.owner(int),
        ids::OPPORTUNITY_TEAM => facts.team(int),
        ids::OPPORTUNITY_EXPECTED_CLOSE => facts.expected_close_on(int.and_then(small).map(Day)),
        ids::OPPORTUNITY_PROBABILITY => facts.probability_ppm(int.and_then(small)),
        _ => {
            facts.put(field, value);
            facts
        }
    }
}

/// Whether people may choose whose value stands in a field.
pub(super) fn is_choosable(field: FieldId) -> bool {
    let own_type = builtin(field).map(|def| def.ty);
    let known = field.0 >= FIRST_CUSTOM || own_type.is_some();
    known && !OWN.contains(&field) && !matches!(own_type, Some(FieldType::Process | FieldType::Stage))
}
