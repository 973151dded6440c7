//! From what a file says to journal drafts: external keys become record ids, a deal takes its owner's team,
//! stages take the ids this database gave them. Pure: ids are handed in.

use std::collections::{BTreeMap, HashMap};

use domain::field::{self, FieldType, Value, ids};
use domain::journal::{Facts, HotSet, Op};
use domain::{CustomField, Instant, Kind, RecordId, StageId};
use ingest::{Assertion, Extract};
use store::Draft;

/// Record ids by kind and local index.
#[derive(Debug, Default)]
pub(crate) struct Ids(BTreeMap<Kind, Vec<RecordId>>);

/// External keys that have no record yet, with the ids they were given.
pub(crate) type NewKeys = BTreeMap<Kind, Vec<(String, RecordId)>>;

impl Ids {
    /// Ids for every key of `extract`: the known ones from `known`, the others from `first_free` on.
    pub(crate) fn assign(
        extract: &Extract,
        known: &BTreeMap<Kind, HashMap<String, RecordId>>,
        first_free: RecordId,
    ) -> (Self, NewKeys) {
        let mut next = first_free;
        let mut assigned = Self::default();
        let mut new = NewKeys::new();
        for (kind, keys) in &extract.keys {
            let of_kind = known.get(kind);
            let ids = keys.iter().map(|key| {
                of_kind.and_then(|known| known.get(key)).copied().unwrap_or_else(|| {
                    let id = next;
                    next += 1;
                    new.entry(*kind).or_default().push((key.clone(), id));
                    id
                })
            });
            assigned.0.insert(*kind, ids.collect());
        }
        (assigned, new)
    }

    /// How many keys of `extract` have no record in `known`.
    pub(crate) fn missing(extract: &Extract, known: &BTreeMap<Kind, HashMap<String, RecordId>>) -> u64 {
        let unknown = |kind: &Kind, key: &String| known.get(kind).is_none_or(|known| !known.contains_key(key));
        extract.keys.iter().map(|(kind, keys)| keys.iter().filter(|key| unknown(kind, key)).count() as u64).sum()
    }

    /// The record of a local index.
    pub(crate) fn record(&self, kind: Kind, local: i64) -> RecordId {
        usize::try_from(local)
            .ok()
            .and_then(|local| self.0.get(&kind)?.get(local))
            .copied()
            .unwrap_or_else(|| panic!("the extract refers to {} {local}, which it does not list", kind.as_str()))
    }
}

/// What an import's drafts share.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) ids: &'a Ids,
    /// Stage ids used while reading → those of this database.
    pub(crate) stages: &'a HashMap<StageId, StageId>,
    /// Version id used while reading → that of this database.
    pub(crate) process: (u32, u32),
    pub(crate) imported_at: Instant,
    pub(crate) actor: RecordId,
    pub(crate) import: i64,
    /// Fields of the organisation's own.
    pub(crate) own: &'a [CustomField],
}

/// Turns assertions into drafts, in their order.
pub(crate) fn drafts(assertions: Vec<Assertion>, context: &Context<'_>) -> Vec<Draft> {
    let teams = teams_of_people(&assertions);
    let draft = |assertion: Assertion| {
        let record = context.ids.record(assertion.kind, i64::from(assertion.local));
        let facts = resolve(assertion.kind, assertion.facts, &teams, context);
        Draft {
            kind: assertion.kind,
            record,
            effective_at: assertion.effective_at,
            known_at: assertion.known_at.unwrap_or(context.imported_at),
            source_seq: assertion.source_seq,
            import: Some(context.import),
            actor: context.actor,
            op: Op::Assert(facts),
        }
    };
    assertions.into_iter().map(draft).collect()
}

/// Local index of a person → local index of the team, as the extract has it.
fn teams_of_people(assertions: &[Assertion]) -> HashMap<i64, i64> {
    let people = assertions.iter().filter(|assertion| assertion.kind == Kind::Person);
    let team = |assertion: &Assertion| {
        assertion.facts.rest.iter().find_map(|(id, value)| match value {
            Value::Ref(team) if *id == ids::PERSON_TEAM => Some((i64::from(assertion.local), *team)),
            _ => None,
        })
    };
    people.filter_map(team).collect()
}

fn resolve(kind: Kind, mut facts: Facts, teams: &HashMap<i64, i64>, context: &Context<'_>) -> Facts {
    if kind == Kind::Opportunity {
        if facts.set.has(HotSet::OWNER) && !facts.set.has(HotSet::TEAM) {
            let team = facts.hot.owner.and_then(|owner| teams.get(&owner)).copied();
            facts = facts.team(team);
        }
        facts.hot.owner = facts.hot.owner.map(|local| context.ids.record(Kind::Person, local));
        facts.hot.team = facts.hot.team.map(|local| context.ids.record(Kind::Team, local));
        facts.hot.stage = context.stages.get(&facts.hot.stage).copied().unwrap_or(facts.hot.stage);
    }
    for (id, value) in &mut facts.rest {
        let own = || context.own.iter().find(|own| own.id == *id).map(|own| own.ty);
        let ty = field::builtin(*id).map(|def| def.ty).or_else(own);
        match (ty, &value) {
            (Some(FieldType::Ref(target)), Value::Ref(local)) => {
                *value = Value::Ref(context.ids.record(target, *local));
            }
            (Some(FieldType::Process), Value::Int(process)) if *process == i64::from(context.process.0) => {
                *value = Value::Int(i64::from(context.process.1));
            }
            (Some(FieldType::Stage), Value::Int(stage)) => {
                let read = u32::try_from(*stage).map_or(StageId::UNKNOWN, StageId);
                *value = Value::Int(i64::from(context.stages.get(&read).copied().unwrap_or(read).0));
            }
            _ => {}
        }
    }
    facts
}
