//! What happened to a record, from the journal: who wrote what, newest first.
//!
//! Changes are told against what stood before in the order of time, not of writing: a late entry changes what it
//! changed. An entry that was withdrawn is told as such and changes nothing. Erased text is told to be erased.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::field::{FieldId, FieldType, Value, ids};
use domain::journal::{Cut, Entry, HotSet, Op, SYSTEM_ACTOR, Withdrawn};
use domain::people::May;
use domain::process::Process;
use domain::process::facts::{OBSTACLE, OVERRIDES};
use domain::{Day, Instant, Kind, RecordId, Scope};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::Record;

use super::cursor;
use super::facts::{as_object, hot_values};
use super::fields::Field;
use super::moment::Moment;
use super::names::{Names, referred};
use crate::customers::ChainRecord;
use crate::{Loudou, Result};

/// Items of a page at most.
const PAGE: usize = 100;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimelineKind {
    /// It was made.
    Created,
    /// Fields were changed.
    Change,
    /// Its stage or outcome was changed.
    Move,
    /// Something was done about it.
    Activity,
    /// A record of the chain began: a lead, a contract, an order, an invoice, a payment, a service request.
    Chain,
    /// It ended.
    Deleted,
    /// It was a duplicate of another record.
    Merged,
    /// What an entry or an import had brought was withdrawn.
    Undo,
    /// Personal text was erased.
    Erased,
}

/// A field that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The field.
    pub field: String,
    /// What it is called in Chinese.
    pub zh: String,
    /// What it is called in English.
    pub en: String,
    /// What stood before.
    pub old: Json,
    /// What stands since.
    pub new: Json,
    /// Whether the text was erased.
    pub erased: bool,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineItem {
    /// Its place in the journal.
    pub seq: i64,
    /// When it was true.
    pub at: Instant,
    /// When the source knew it.
    pub known_at: Instant,
    /// When it was written here.
    pub recorded_at: Instant,
    /// The person who wrote it; absent for the system and for imports.
    pub actor: Option<String>,
    /// The import that brought it: its id and profile.
    pub import: Option<(i64, String)>,
    /// What it is.
    pub kind: TimelineKind,
    /// Whether it was withdrawn since.
    pub withdrawn: bool,
    /// What it changed.
    pub changes: Vec<Change>,
    /// What was done, and the note on it: of activities.
    pub activity: Option<(String, Option<String>)>,
    /// The record of the chain.
    pub chain: Option<ChainRecord>,
}

/// Which page of a timeline, and the moment it is told at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimelineAsk {
    /// Nothing that happened after this business day; all of it where absent.
    pub as_of: Option<Day>,
    /// Only what was known at the end of this day.
    pub known_at: Option<Day>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A page of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// Items, newest first.
    pub items: Vec<TimelineItem>,
    /// Where it goes on.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    at: i64,
    seq: i64,
}

impl Loudou {
    /// What happened to a deal in scope, newest first.
    ///
    /// # Errors
    /// There is no such deal in scope, or it was not there at that day; or the cursor is none.
    pub async fn deal_timeline(&self, id: RecordId, ask: &TimelineAsk) -> Result<Timeline> {
        self.who.require(May::Analyse)?;
        let folded = self.folded(id, ask.as_of, ask.known_at).await?;
        let moment = self.moment(ask.as_of, ask.known_at);
        let names = self.names(HashSet::new()).await?;
        let process = folded.process(&names).cloned();
        let mut items = self.items(Kind::Opportunity, folded.entries, process.as_ref(), moment).await?;
        items.extend(self.activities(ids::ACTIVITY_OPPORTUNITY, id, moment).await?);
        page(items, ask.cursor.as_deref())
    }

    /// The items of a record's entries up to a moment; `process` is a deal's.
    pub(crate) async fn items(
        &self,
        kind: Kind,
        mut entries: Vec<Entry>,
        process: Option<&Process>,
        moment: Moment,
    ) -> Result<Vec<TimelineItem>> {
        entries.retain(|entry| moment.cut.admits(entry.known_at));
        let fields = self.fields(kind).await?;
        let by_id: HashMap<FieldId, &Field> = fields.iter().map(|field| (field.id, field)).collect();
        let asserted: Vec<Vec<(FieldId, Value)>> = entries.iter().map(asserted).collect();
        let values = asserted.iter().flatten().filter_map(|(id, value)| Some((*by_id.get(id)?, value)));
        let mut wanted = referred(values);
        wanted.extend(entries.iter().map(|entry| (Kind::Person, entry.actor)));
        let names = self.names(wanted).await?;
        let imports: HashMap<i64, String> = match entries.iter().any(|entry| entry.import.is_some()) {
            true => self.store.imports().await?.into_iter().map(|import| (import.id, import.profile)).collect(),
            false => HashMap::new(),
        };
        let withdrawn = self.store.withdrawn().await?;
        let (withdrawn, cut) = (&withdrawn, moment.cut);
        let with = Told { by_id: &by_id, process, names: &names, imports: &imports, withdrawn, cut };
        let mut items = told(&entries, &asserted, &with);
        items.retain(|item| moment.reaches(item.at));
        Ok(items)
    }

    /// Activities about a record up to a moment, without those on deals out of scope.
    pub(crate) async fn activities(&self, field: FieldId, id: RecordId, moment: Moment) -> Result<Vec<TimelineItem>> {
        let activities = self.store.referring(field, &[id]).await?;
        let mut activities = self.as_told(activities, moment).await?;
        if self.who.scope != Scope::All {
            let of = |activity: &Record| activity.int(ids::ACTIVITY_OPPORTUNITY);
            let deals: Vec<RecordId> = activities.iter().filter_map(of).collect();
            let deals = self.store.records(Kind::Opportunity, &deals).await?;
            let seen = deals.iter().filter(|deal| self.who.scope.allows(deal.hot.owner, deal.hot.team));
            let seen: HashSet<RecordId> = seen.map(|deal| deal.id).collect();
            activities.retain(|activity| of(activity).is_none_or(|deal| seen.contains(&deal)));
        }
        let people = activities.iter().filter_map(|activity| activity.int(ids::ACTIVITY_PERSON));
        let names = self.names(people.map(|person| (Kind::Person, person)).collect()).await?;
        let item = |activity: Record| {
            let at = activity.int(ids::ACTIVITY_AT).map_or(Instant(0), Instant);
            let kind = activity.text(ids::ACTIVITY_TYPE).unwrap_or_default().to_owned();
            TimelineItem {
                seq: activity.version,
                at,
                known_at: at,
                recorded_at: at,
                actor: activity.int(ids::ACTIVITY_PERSON).map(|person| names.of(Kind::Person, person)),
                import: None,
                kind: TimelineKind::Activity,
                withdrawn: false,
                changes: Vec::new(),
                activity: Some((kind, activity.text(ids::ACTIVITY_NOTE).map(str::to_owned))),
                chain: None,
            }
        };
        Ok(activities.into_iter().map(item).filter(|item| moment.reaches(item.at)).collect())
    }
}

/// Puts items in order and cuts a page.
pub(crate) fn page(mut items: Vec<TimelineItem>, cursor: Option<&str>) -> Result<Timeline> {
    items.sort_by_key(|item| std::cmp::Reverse((item.at, item.seq)));
    if let Some(text) = cursor {
        let Cursor { at, seq } = cursor::read(text)?;
        items.retain(|item| (item.at.0, item.seq) < (at, seq));
    }
    let more = items.len() > PAGE;
    items.truncate(PAGE);
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|item| cursor::write(&Cursor { at: item.at.0, seq: item.seq }));
    Ok(Timeline { items, next_cursor })
}

/// What turns entries into words.
struct Told<'a> {
    by_id: &'a HashMap<FieldId, &'a Field>,
    process: Option<&'a Process>,
    names: &'a Names,
    imports: &'a HashMap<i64, String>,
    withdrawn: &'a Withdrawn,
    cut: Cut,
}

/// The values that an entry asserts, by field.
fn asserted(entry: &Entry) -> Vec<(FieldId, Value)> {
    let Op::Assert(facts) = &entry.op else { return Vec::new() };
    let hot = hot_values(&facts.hot);
    let set = |at: usize| facts.set.has(HotSet(1 << at));
    let hot = hot.into_iter().enumerate().filter(|(at, _)| set(*at)).map(|(_, value)| value);
    hot.chain(facts.rest.iter().cloned()).collect()
}

fn told(entries: &[Entry], asserted: &[Vec<(FieldId, Value)>], with: &Told<'_>) -> Vec<TimelineItem> {
    let retracted: HashSet<i64> = entries
        .iter()
        .filter_map(|entry| if let Op::RetractEntry { seq } = entry.op { Some(seq) } else { None })
        .collect();
    let erased = entries.iter().any(|entry| entry.op == Op::Erase);
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|at| (entries[*at].effective_at, entries[*at].source_seq, entries[*at].seq));
    let mut standing: BTreeMap<FieldId, Value> = BTreeMap::new();
    let mut begun = false;
    let mut items = Vec::with_capacity(entries.len());
    for at in order {
        let entry = &entries[at];
        let gone = retracted.contains(&entry.seq) || with.withdrawn.covers(entry.import, entry.seq, with.cut);
        let mut changes = Vec::new();
        if !gone {
            for (id, value) in &asserted[at] {
                let old = standing.insert(*id, value.clone()).unwrap_or(Value::Null);
                let Some(field) = with.by_id.get(id).filter(|_| old != *value || *value == Value::Null && erased)
                else {
                    continue;
                };
                let gone = erased && field.ty == FieldType::Personal && *value == Value::Null;
                if old == *value && !gone {
                    continue;
                }
                if *id == ids::OPPORTUNITY_FACTS {
                    changes.extend(facts_that_changed(&old, value, with));
                    continue;
                }
                changes.push(Change {
                    field: field.name.clone(),
                    zh: field.zh.clone(),
                    en: field.en.clone(),
                    old: with.names.json(field.ty, &old),
                    new: with.names.json(field.ty, value),
                    erased: gone,
                });
            }
        }
        let kind = match &entry.op {
            Op::Delete => TimelineKind::Deleted,
            Op::Merge { .. } => TimelineKind::Merged,
            Op::RetractEntry { .. } | Op::RetractImport { .. } => TimelineKind::Undo,
            Op::Erase => TimelineKind::Erased,
            Op::Assert(_) if !gone && !begun => TimelineKind::Created,
            Op::Assert(facts) if facts.set.has(HotSet::STAGE) || facts.set.has(HotSet::OUTCOME) => TimelineKind::Move,
            Op::Assert(_) => TimelineKind::Change,
        };
        begun |= !gone && matches!(entry.op, Op::Assert(_));
        items.push(item(entry, kind, gone, changes, with));
    }
    items.extend(undone(entries, with));
    items
}

/// The facts in which two objects of facts differ, each by its own name. Of the gates that were passed the last is told,
/// by its reason.
fn facts_that_changed(old: &Value, new: &Value, with: &Told<'_>) -> Vec<Change> {
    let (old, new) = (as_object(old), as_object(new));
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let shown = |key: &str, value: Option<&Json>| match value {
        Some(Json::Array(passed)) if key == OVERRIDES => passed.last().map_or(Json::Null, |one| one["reason"].clone()),
        _ => value.cloned().unwrap_or(Json::Null),
    };
    let changed = keys.into_iter().filter(|key| old.get(*key) != new.get(*key));
    let change = |key: &String| {
        let fact = Field::of_fact(key, with.process);
        let (zh, en) = match key.as_str() {
            OVERRIDES => ("放行原因".to_owned(), "Why the gate was passed".to_owned()),
            OBSTACLE => ("障碍".to_owned(), "Obstacle".to_owned()),
            _ => (fact.zh, fact.en),
        };
        let before = if key == OVERRIDES { Json::Null } else { shown(key, old.get(key)) };
        Change { field: key.clone(), zh, en, old: before, new: shown(key, new.get(key)), erased: false }
    };
    changed.map(change).collect()
}

fn item(entry: &Entry, kind: TimelineKind, withdrawn: bool, changes: Vec<Change>, with: &Told<'_>) -> TimelineItem {
    let import = entry.import.map(|id| (id, with.imports.get(&id).cloned().unwrap_or_default()));
    let person = (entry.actor != SYSTEM_ACTOR && import.is_none()).then(|| with.names.of(Kind::Person, entry.actor));
    TimelineItem {
        seq: entry.seq,
        at: entry.effective_at,
        known_at: entry.known_at,
        recorded_at: entry.recorded_at,
        actor: person,
        import,
        kind,
        withdrawn,
        changes,
        activity: None,
        chain: None,
    }
}

/// The undo of each import that had touched the record: it is no entry of the record's own.
fn undone(entries: &[Entry], with: &Told<'_>) -> Vec<TimelineItem> {
    let touched: HashSet<i64> = entries.iter().filter_map(|entry| entry.import).collect();
    let undo = |(import, seq, at): (i64, i64, Instant)| TimelineItem {
        seq,
        at,
        known_at: at,
        recorded_at: at,
        actor: None,
        import: Some((import, with.imports.get(&import).cloned().unwrap_or_default())),
        kind: TimelineKind::Undo,
        withdrawn: false,
        changes: Vec::new(),
        activity: None,
        chain: None,
    };
    let known = |(import, _, at): &(i64, i64, Instant)| touched.contains(import) && with.cut.admits(*at);
    with.withdrawn.retractions().filter(known).map(undo).collect()
}
