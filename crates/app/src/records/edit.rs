//! Changing fields and making records: by type, in scope, on the version that was read.
//!
//! Everything that is wrong with the values is told at once, by field. What a record refers to must stand and be in
//! sight of whoever refers to it. A deal may be handed to somebody outside of one's own scope; then it is gone.

use std::collections::BTreeMap;

use domain::field::{FieldId, FieldType, Value, ids};
use domain::journal::{Facts, Hot, Op, SYSTEM_ACTOR};
use domain::lifecycle;
use domain::people::May;
use domain::process::{Process, ReasonBook};
use domain::{Currency, Day, Kind, RecordId, StageId};
use serde_json::{Map, Value as Json};
use store::{Draft, Record};

use super::deal::{Folded, stage_of};
use super::facts::object;
use super::fields::{Field, fact_fields};
use super::names::Names;
use crate::{AppError, Loudou, Result, Words, words};

/// Something wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldIssue {
    /// The field's name, as it was given.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
    /// The same in Chinese, where there is one.
    pub message_zh: Option<String>,
}

impl FieldIssue {
    pub(crate) fn new(field: &str, message: impl Into<Words>) -> Self {
        let Words { en, zh } = message.into();
        Self { field: field.to_owned(), message: en, message_zh: zh }
    }
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditError {
    /// Values break rules; nothing was changed.
    Fields(Vec<FieldIssue>),
    /// Anything else.
    App(AppError),
}

impl From<AppError> for EditError {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<store::StoreError> for EditError {
    fn from(error: store::StoreError) -> Self {
        Self::App(error.into())
    }
}

/// The result of a change.
pub(crate) type Edited<T> = std::result::Result<T, EditError>;

pub(super) const NEEDED: (&str, &str) = ("必填", "is needed");

/// The words that may stand in a field.
pub(crate) fn one_of(keys: &[impl AsRef<str>]) -> (String, String) {
    let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
    (format!("须为其中之一：{}", keys.join("、")), format!("must be one of {}", keys.join(", ")))
}

/// Where an edit names actions of the stage that are done.
const DONE: &str = "actions_done";

/// What an edit comes to.
#[derive(Debug, Default)]
pub(super) struct Draw {
    pub(super) facts: Facts,
    pub(super) done: Vec<String>,
    refs: Vec<(String, Kind, RecordId)>,
    issues: Vec<FieldIssue>,
}

impl Draw {
    fn set(&mut self, field: &Field, value: Value) {
        let facts = std::mem::take(&mut self.facts);
        let int = match &value {
            Value::Int(value) | Value::Ref(value) => Some(*value),
            _ => None,
        };
        let day = |value: i64| i32::try_from(value).ok().map(Day);
        self.facts = match field.id {
            ids::OPPORTUNITY_AMOUNT => facts.amount_minor(int),
            ids::OPPORTUNITY_CURRENCY => {
                facts.currency(int.and_then(|code| u16::try_from(code).ok()).and_then(Currency::from_code))
            }
            ids::OPPORTUNITY_OWNER => facts.owner(int),
            ids::OPPORTUNITY_TEAM => facts.team(int),
            ids::OPPORTUNITY_EXPECTED_CLOSE => facts.expected_close_on(int.and_then(day)),
            ids::OPPORTUNITY_PROBABILITY => facts.probability_ppm(int.and_then(|ppm| i32::try_from(ppm).ok())),
            other => facts.with(other, value),
        };
    }
}

/// Reads values of a kind's fields. `of_facts` are the facts that may be set, where `facts` hold the others.
fn draw(fields: &[Field], values: &Map<String, Json>, of_facts: &[Field], mut facts: Map<String, Json>) -> Draw {
    let mut draw = Draw::default();
    let mut more = false;
    for (name, json) in values {
        if name == DONE {
            let word = |word: &Json| word.as_str().map(str::to_owned);
            match json.as_array().and_then(|words| words.iter().map(word).collect::<Option<Vec<_>>>()) {
                Some(words) => draw.done = words,
                None => draw
                    .issues
                    .push(FieldIssue::new(name, ("须为动作键的列表", "must be a list of the keys of actions"))),
            }
            continue;
        }
        let Some(field) = fields.iter().find(|field| field.name == *name) else {
            match of_facts.iter().find(|fact| fact.name == *name).map(|fact| fact.parse_fact(json)) {
                // The key stays: what was cleared can be filled in again.
                Some(Ok(Json::Null)) => {
                    more |= facts.get_mut(name).is_some_and(|value| !std::mem::take(value).is_null());
                }
                Some(Ok(value)) => more |= facts.insert(name.clone(), value.clone()) != Some(value),
                Some(Err(message)) => draw.issues.push(FieldIssue::new(name, message)),
                None => draw.issues.push(FieldIssue::new(name, unknown(fields, name))),
            }
            continue;
        };
        if !field.is_editable() {
            let why = if field.id == ids::OPPORTUNITY_FACTS {
                ("各项附加信息须按各自的名称修改", "each fact is changed by its own name")
            } else if field.is_retired() {
                ("该字段已停用", "is retired, and no longer written")
            } else {
                ("由推进等操作改变，不能直接编辑", "is changed by a move, not by an edit")
            };
            draw.issues.push(FieldIssue::new(name, why));
            continue;
        }
        match field.parse(json) {
            Ok(value) => {
                if let (FieldType::Ref(kind), Value::Ref(id)) = (field.ty, &value) {
                    draw.refs.push((name.clone(), kind, *id));
                }
                draw.set(field, value);
            }
            Err(message) => draw.issues.push(FieldIssue::new(name, message)),
        }
    }
    if more {
        draw.facts.put(ids::OPPORTUNITY_FACTS, Value::Json(Json::Object(facts).to_string().into()));
    }
    draw
}

fn unknown(fields: &[Field], name: &str) -> Words {
    let near = warehouse::similar(name, fields.iter().map(|field| field.name.as_str()));
    if near.is_empty() {
        return ("没有这个字段", "is no field").into();
    }
    let en = format!("is no field; did you mean {}?", near.join(" or "));
    (format!("没有这个字段{}", words::near(&near)), en).into()
}

impl Loudou {
    /// Changes fields of a deal in scope, on the version that was read. Names that a gate of its process asks for, or
    /// that stand among its facts, are changed there; `actions_done` names actions of its stage that are done.
    ///
    /// # Errors
    /// Values that break rules; no such deal in scope; a change meanwhile; a role that may not.
    pub async fn edit_deal(&self, id: RecordId, version: i64, values: &Map<String, Json>) -> Edited<()> {
        self.who.require(May::EditDeals)?;
        let folded = self.folded(id, None, None).await?;
        let fields = self.fields(Kind::Opportunity).await?;
        let names = self.names(std::collections::HashSet::new()).await?;
        let draw = self.draw_deal(&folded, values, &fields, &names).await?;
        let mut writer = self.store.begin().await?;
        writer.expect_version(Kind::Opportunity, id, version).await?;
        let drafts = self.drafts(&mut writer, id, draw);
        writer.append(drafts, self.now).await?;
        writer.commit().await?;
        Ok(())
    }

    /// Reads changes of a deal as it stands.
    pub(super) async fn draw_deal(
        &self,
        folded: &Folded,
        values: &Map<String, Json>,
        fields: &[Field],
        names: &Names,
    ) -> Edited<Draw> {
        let process = folded.process(names);
        let facts = object(folded.rest(), ids::OPPORTUNITY_FACTS);
        let exits = process.into_iter().flat_map(|process| &process.stages).filter_map(|stage| stage.exit.as_ref());
        let mut draw = draw(fields, values, &fact_fields(process, exits, &facts), facts);
        self.check_refs(&mut draw).await?;
        check_deal(&draw.facts, *folded.hot(), &mut draw.issues);
        let stage = stage_of(process, folded, names);
        let known = |key: &String| stage.is_some_and(|stage| stage.actions.iter().any(|action| action.key == *key));
        if let Some(key) = draw.done.iter().find(|key| !known(key)) {
            draw.issues.push(FieldIssue::new(
                DONE,
                (format!("该阶段没有动作“{key}”"), format!("the stage has no action `{key}`")),
            ));
        }
        if draw.issues.is_empty() { Ok(draw) } else { Err(EditError::Fields(draw.issues)) }
    }

    /// What changes of a deal come to in the journal: its fields, and an activity for each action that is done.
    pub(super) fn drafts(&self, writer: &mut store::Writer, deal: RecordId, draw: Draw) -> Vec<Draft> {
        let mut drafts = Vec::new();
        if !draw.facts.is_empty() {
            drafts.push(self.draft(Kind::Opportunity, deal, draw.facts));
        }
        let first = writer.allocate(draw.done.len());
        for (activity, key) in (first..).zip(draw.done) {
            let facts = Facts::default()
                .with(ids::ACTIVITY_OPPORTUNITY, Value::Ref(deal))
                .with(ids::ACTIVITY_TYPE, Value::Text(key.into()))
                .with(ids::ACTIVITY_AT, Value::Int(self.now.0))
                .with(ids::ACTIVITY_DONE, Value::Bool(true));
            let person = (self.who.actor != SYSTEM_ACTOR).then(|| Value::Ref(self.who.actor));
            let facts = person.into_iter().fold(facts, |facts, person| facts.with(ids::ACTIVITY_PERSON, person));
            drafts.push(self.draft(Kind::Activity, activity, facts));
        }
        drafts
    }

    /// Makes a deal. Where nothing else is said it is the asker's, in the asker's team and the organisation's currency,
    /// in the first stage of the newest version of the process (the only one, where there is one).
    ///
    /// # Errors
    /// Values that break rules, or a role that may not.
    pub async fn create_deal(&self, values: &Map<String, Json>) -> Edited<RecordId> {
        self.who.require(May::EditDeals)?;
        let fields = self.fields(Kind::Opportunity).await?;
        let mut values = values.clone();
        let (process, stage) = (values.remove("process"), values.remove("stage"));
        let mut draw = draw(&fields, &values, &[], Map::new());
        self.check_refs(&mut draw).await?;
        if values.get("name").and_then(Json::as_str).is_none_or(|name| name.trim().is_empty()) {
            draw.issues.push(FieldIssue::new("name", NEEDED));
        }
        need_own(&fields, &mut draw);
        if !draw.done.is_empty() {
            draw.issues
                .push(FieldIssue::new(DONE, ("新商机还没有完成任何动作", "a deal that begins has done nothing yet")));
        }
        let process = self.process_of_new(process.as_ref(), &mut draw.issues).await?;
        let begin = process.as_ref().and_then(|process| begin(self, process, stage.as_ref(), &mut draw.issues));
        let (Some(process), Some(moved), true) = (process, begin, draw.issues.is_empty()) else {
            return Err(EditError::Fields(draw.issues));
        };
        let facts = draw.facts.stage(moved.state.stage).outcome(moved.state.outcome());
        let id = i64::from(process.id.map_or(0, |id| id.0));
        let facts = self.with_defaults(facts.with(ids::OPPORTUNITY_PROCESS, Value::Int(id)), &values).await?;
        let mut issues = Vec::new();
        check_deal(&facts, Hot::default(), &mut issues);
        if !issues.is_empty() {
            return Err(EditError::Fields(issues));
        }
        self.write_new(Kind::Opportunity, facts).await
    }

    async fn with_defaults(&self, mut facts: Facts, values: &Map<String, Json>) -> Result<Facts> {
        if !values.contains_key("currency") {
            facts = facts.currency(self.store.organisation().await?.map(|organisation| organisation.currency));
        }
        if !values.contains_key("owner") && self.who.actor != SYSTEM_ACTOR {
            facts = facts.owner(Some(self.who.actor));
        }
        if let (Some(owner), false) = (facts.hot.owner, values.contains_key("team")) {
            let person = self.store.records(Kind::Person, &[owner]).await?.into_iter().next();
            facts = facts.team(person.and_then(|person| person.int(ids::PERSON_TEAM)));
        }
        Ok(facts)
    }

    async fn process_of_new(&self, key: Option<&Json>, issues: &mut Vec<FieldIssue>) -> Result<Option<Process>> {
        let mut newest: BTreeMap<String, Process> = BTreeMap::new();
        for process in self.processes().await? {
            let known = newest.get(&process.key).is_some_and(|known| known.version > process.version);
            if !known {
                newest.insert(process.key.clone(), process);
            }
        }
        let keys: Vec<String> = newest.keys().cloned().collect();
        let found = match (key.and_then(Json::as_str), keys.as_slice()) {
            (Some(key), _) => newest.remove(key),
            (None, [one]) => newest.remove(one),
            (None, _) => None,
        };
        if found.is_none() {
            issues.push(FieldIssue::new("process", one_of(&keys)));
        }
        Ok(found)
    }

    /// A draft of this moment by the asker.
    pub(crate) fn draft(&self, kind: Kind, record: RecordId, facts: Facts) -> Draft {
        Draft {
            kind,
            record,
            effective_at: self.now,
            known_at: self.now,
            source_seq: 0,
            import: None,
            actor: self.who.actor,
            op: Op::Assert(facts),
        }
    }

    /// Records that are referred to must stand and be in sight.
    async fn check_refs(&self, draw: &mut Draw) -> Result<()> {
        for (name, kind, id) in std::mem::take(&mut draw.refs) {
            if !self.may_refer_to(kind, id).await? {
                draw.issues.push(FieldIssue::new(
                    &name,
                    (format!("没有{} {id}", words::kind(kind)), format!("there is no {} {id}", kind.as_str())),
                ));
            }
        }
        Ok(())
    }

    /// Writes a new record.
    pub(crate) async fn write_new(&self, kind: Kind, facts: Facts) -> Edited<RecordId> {
        let mut writer = self.store.begin().await?;
        let id = writer.allocate(1);
        writer.append(vec![self.draft(kind, id, facts)], self.now).await?;
        writer.commit().await?;
        Ok(id)
    }

    /// Writes a change of a record, on the version that was read.
    pub(crate) async fn write_change(&self, kind: Kind, id: RecordId, version: i64, facts: Facts) -> Edited<()> {
        let mut writer = self.store.begin().await?;
        writer.expect_version(kind, id, version).await?;
        if !facts.is_empty() {
            writer.append(vec![self.draft(kind, id, facts)], self.now).await?;
        }
        writer.commit().await?;
        Ok(())
    }

    /// Reads values of a record that is no deal; `needed` names fields that must not end up empty.
    pub(crate) async fn draw_record(
        &self,
        kind: Kind,
        values: &Map<String, Json>,
        before: Option<&Record>,
        needed: &[&str],
    ) -> Edited<Facts> {
        let fields = self.fields(kind).await?;
        let mut draw = draw(&fields, values, &[], Map::new());
        self.check_refs(&mut draw).await?;
        if before.is_none() {
            need_own(&fields, &mut draw);
        }
        for name in needed {
            let Some(field) = fields.iter().find(|field| field.name == *name) else { continue };
            let new = draw.facts.rest.iter().find(|(id, _)| *id == field.id).map(|(_, value)| value);
            let stands = new.or_else(|| before.and_then(|record| record.get(field.id)));
            let told = draw.issues.iter().any(|issue| issue.field == *name);
            if stands.is_none_or(|value| *value == Value::Null) && !told {
                draw.issues.push(FieldIssue::new(name, NEEDED));
            }
        }
        if draw.issues.is_empty() { Ok(draw.facts) } else { Err(EditError::Fields(draw.issues)) }
    }
}

/// A record is not made without the fields of the organisation's own that are required.
fn need_own(fields: &[Field], draw: &mut Draw) {
    for field in fields.iter().filter(|field| field.is_required()) {
        let given = asserted(&draw.facts, field.id).is_some_and(|value| *value != Value::Null);
        if !given && !draw.issues.iter().any(|issue| issue.field == field.name) {
            draw.issues.push(FieldIssue::new(&field.name, NEEDED));
        }
    }
}

/// What must hold of a deal as a whole.
fn check_deal(facts: &Facts, mut hot: Hot, issues: &mut Vec<FieldIssue>) {
    facts.apply(&mut hot);
    if hot.amount_minor.is_some() && hot.currency.is_none() {
        issues.push(FieldIssue::new("currency", ("金额须有币种", "an amount needs its currency")));
    }
    if asserted(facts, ids::OPPORTUNITY_NAME) == Some(&Value::Null) {
        issues.push(FieldIssue::new("name", NEEDED));
    }
}

fn begin(
    loudou: &Loudou,
    process: &Process,
    stage: Option<&Json>,
    issues: &mut Vec<FieldIssue>,
) -> Option<lifecycle::Moved> {
    let open = || process.stages.iter().filter(|stage| stage.kind == domain::process::StageKind::Open);
    let id: Option<StageId> = match stage.and_then(Json::as_str) {
        Some(key) => process.stage(key).map(|stage| stage.id),
        None => open().next().map(|stage| stage.id),
    };
    let reasons = ReasonBook::of(process);
    let occasion = loudou.occasion(process, &reasons);
    let begun = id.map(|id| lifecycle::State::begin(&occasion, id));
    match begun {
        Some(Ok(moved)) => Some(moved),
        Some(Err(refusal)) => {
            let zh = refusal.zh(process, &reasons);
            issues.push(FieldIssue::new("stage", (zh, refusal.to_string())));
            None
        }
        None => {
            let keys: Vec<_> = open().map(|stage| stage.key.as_str()).collect();
            issues.push(FieldIssue::new("stage", one_of(&keys)));
            None
        }
    }
}

/// A value of facts being written.
pub(crate) fn asserted(facts: &Facts, field: FieldId) -> Option<&Value> {
    facts.rest.iter().find(|(id, _)| *id == field).map(|(_, value)| value)
}
