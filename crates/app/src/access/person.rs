//! The person behind a user: found by name or made, and put into a team.

use domain::field::{FieldId, Value, ids};
use domain::journal::{Facts, Op};
use domain::{Instant, Kind, RecordId};
use store::{Draft, Record, Store, Writer};

use super::Caller;
use crate::question::meant;
use crate::{AppError, Fault, Result};

/// A record as somebody names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// By its exact name.
    Name(String),
    /// By its id.
    Id(RecordId),
}

impl Named {
    /// Reads `#12` as an id and anything else as a name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.strip_prefix('#').and_then(|id| id.parse().ok()) {
            Some(id) => Self::Id(id),
            None => Self::Name(text.trim().to_owned()),
        }
    }
}

/// The team that is meant.
pub(super) async fn team(store: &Store, named: &Named) -> Result<Record> {
    let teams = store.all_records(Kind::Team).await?;
    let is_meant = |team: &&Record| match named {
        Named::Id(id) => team.id == *id,
        Named::Name(name) => team.text(ids::TEAM_NAME) == Some(name),
    };
    let found: Vec<&Record> = teams.iter().filter(is_meant).collect();
    match (found.as_slice(), named) {
        ([one], _) => Ok((*one).clone()),
        ([], Named::Id(id)) => Err(AppError::input((format!("没有团队 {id}"), format!("there is no team {id}")))),
        ([], Named::Name(name)) => {
            let near = warehouse::similar(name, teams.iter().filter_map(|team| team.text(ids::TEAM_NAME)));
            let words = (format!("没有名为“{name}”的团队"), format!("there is no team called `{name}`"));
            let error = AppError::input(words);
            Err(if near.is_empty() { error } else { error.hint(meant(&near)) })
        }
        (several, _) => {
            let ids: Vec<String> = several.iter().map(|team| format!("#{}", team.id)).collect();
            Err(AppError::input((
                format!("有 {} 个团队叫这个名称", several.len()),
                format!("{} teams have this name", several.len()),
            ))
            .hint((format!("请用编号指明：{}", ids.join("、")), format!("name one by its id: {}", ids.join(", ")))))
        }
    }
}

/// The person that a user becomes: the one that is named by id, the only one of exactly this name who is no user
/// yet, or nobody, and one has to be made.
pub(super) async fn find(store: &Store, named: &Named, taken: &[RecordId]) -> Result<Option<RecordId>> {
    match named {
        Named::Id(id) => {
            if store.records(Kind::Person, &[*id]).await?.is_empty() {
                return Err(AppError::input((format!("没有人员 {id}"), format!("there is no person {id}"))));
            }
            if taken.contains(id) {
                return Err(AppError::of(
                    Fault::Conflict,
                    (format!("人员 {id} 已是用户"), format!("person {id} is a user already")),
                ));
            }
            Ok(Some(*id))
        }
        Named::Name(name) => {
            let people = store.all_records(Kind::Person).await?;
            let is_free = |person: &&Record| person.text(ids::PERSON_NAME) == Some(name) && !taken.contains(&person.id);
            let found: Vec<RecordId> = people.iter().filter(is_free).map(|person| person.id).collect();
            Ok(if let [one] = found.as_slice() { Some(*one) } else { None })
        }
    }
}

/// Asserts fields of a record from now on.
pub(super) async fn assert(
    writer: &mut Writer,
    by: &Caller,
    kind: Kind,
    record: RecordId,
    fields: Vec<(FieldId, Value)>,
    now: Instant,
) -> Result<()> {
    let facts = fields.into_iter().fold(Facts::default(), |facts, (field, value)| facts.with(field, value));
    append(writer, by, kind, record, Op::Assert(facts), now).await
}

/// Appends one entry about a record.
pub(super) async fn append(
    writer: &mut Writer,
    by: &Caller,
    kind: Kind,
    record: RecordId,
    op: Op,
    now: Instant,
) -> Result<()> {
    let (effective_at, known_at, actor) = (now, now, by.who.actor);
    let draft = Draft { kind, record, effective_at, known_at, source_seq: 0, import: None, actor, op };
    writer.append(vec![draft], now).await?;
    Ok(())
}

/// A reference, or its absence.
pub(super) fn reference(record: Option<RecordId>) -> Value {
    record.map_or(Value::Null, Value::Ref)
}
