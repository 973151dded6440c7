//! A deal's page: what it is, the way it went through its process, and what is missing for the next stage.
//!
//! Read from the store, which holds every field. A day in the past is folded from the entries that had come to hold by
//! its end: nothing of a later day is told.

use std::collections::BTreeMap;

use domain::field::{FieldId, Value, ids};
use domain::journal::{Cut, Entry, Facts, Hot, Op, State, Timeline, fold};
use domain::people::May;
use domain::process::gate;
use domain::process::{Process, Reason, ReasonBook, ReasonMove, StageKind};
use domain::{Day, Kind, Outcome, ProcessId, RecordId, StageId};
use store::Record;
use warehouse::{Found, Question, Sort, SortBy};

use super::facts::{hot_values, object};
use super::fields::{Field, FieldValue, fact_fields};
use super::list::Deal;
use super::names::{Names, referred};
use super::needs::{Need, needs};
use crate::{AppError, Ask, Loudou, Result};

/// A stage on the way of a deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathStage {
    /// Its key.
    pub key: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// What standing in it means.
    pub kind: StageKind,
    /// The day it was entered first.
    pub entered_on: Option<Day>,
    /// Days in it, all visits together.
    pub days: i32,
    /// Whether it was in it before that was told: it came from the unknown stage, and `days` count from the telling.
    pub at_least: bool,
    /// Days that are usual.
    pub standard_days: Option<u32>,
    /// How often it was entered.
    pub visits: u32,
    /// Whether the deal is in it.
    pub current: bool,
}

/// A deal's page.
#[derive(Debug, Clone)]
pub struct DealPage {
    /// The deal as lists show it.
    pub deal: Deal,
    /// The day it is shown as of.
    pub as_of: Day,
    /// To be handed back with a change.
    pub version: i64,
    /// All its fields.
    pub fields: Vec<FieldValue>,
    /// Its process version.
    pub process: Option<(String, u32)>,
    /// The stages of its process on the way of the sale.
    pub path: Vec<PathStage>,
    /// What is missing for the next stage; absent where no gate is ahead.
    pub missing: Option<Vec<Need>>,
    /// The reasons that its moves may give, with the moves each explains.
    pub reasons: Vec<(Reason, Vec<ReasonMove>)>,
    /// Whether the asker may change it: not in the past.
    pub editable: bool,
}

/// A deal as it stood, with what it is made of.
#[derive(Debug)]
pub(crate) struct Folded {
    pub(crate) record: Record,
    pub(crate) entries: Vec<Entry>,
    pub(crate) timeline: Timeline,
    pub(crate) state: State,
    pub(crate) as_of: Day,
}

impl Folded {
    pub(crate) const fn hot(&self) -> &Hot {
        &self.state.hot
    }

    /// As if this were told already.
    pub(crate) fn assert(&mut self, facts: &Facts) {
        facts.apply(&mut self.state.hot);
        self.timeline.rest.extend(facts.rest.iter().cloned());
    }

    pub(crate) const fn rest(&self) -> &BTreeMap<FieldId, Value> {
        &self.timeline.rest
    }

    /// The process version it lives under: the one that is told, else that of the last stage that is.
    pub(crate) fn process<'n>(&self, names: &'n Names) -> Option<&'n Process> {
        let told = match self.rest().get(&ids::OPPORTUNITY_PROCESS) {
            Some(Value::Int(id) | Value::Ref(id)) => {
                u32::try_from(*id).ok().and_then(|id| names.process(ProcessId(id)))
            }
            _ => None,
        };
        let known = || self.timeline.states.iter().rev().find_map(|state| names.stage(state.hot.stage));
        told.or_else(|| known().map(|(process, _)| process))
    }
}

fn no_such(id: RecordId) -> AppError {
    AppError::not_found((format!("没有商机 {id}"), format!("there is no deal {id}")))
}

impl Loudou {
    /// A deal in scope with its entries, folded to the end of a day.
    pub(crate) async fn folded(&self, id: RecordId, as_of: Option<Day>, known_at: Option<Day>) -> Result<Folded> {
        let unknown = || no_such(id);
        let record = self.store.records(Kind::Opportunity, &[id]).await?.into_iter().next().ok_or_else(unknown)?;
        if !self.who.scope.allows(record.hot.owner, record.hot.team) {
            return Err(unknown());
        }
        let entries = self.store.entries_of(&[id]).await?;
        let as_of = as_of.unwrap_or_else(|| self.today());
        let end = self.calendar.start_of(as_of.plus(1));
        let held = |entry: &&Entry| !matches!(entry.op, Op::Assert(_) | Op::Delete) || entry.effective_at < end;
        let cut = known_at.map_or(Cut::Everything, |day| Cut::KnownBefore(self.calendar.start_of(day.plus(1))));
        let held: Vec<Entry> = entries.iter().filter(held).cloned().collect();
        let mut timeline = fold(&held, &self.store.withdrawn().await?, cut);
        self.lead(&mut timeline.rest).await?;
        let Some(state) = timeline.current().copied() else {
            return Err(AppError::not_found((
                format!("商机 {id} 在 {as_of} 日终时还不存在"),
                format!("the deal {id} was not there at the end of {as_of}"),
            )));
        };
        Ok(Folded { record, entries, timeline, state, as_of })
    }

    /// A deal's page at the end of a day, today's where none is given.
    ///
    /// # Errors
    /// There is no such deal in scope, or it was not there at that day.
    pub async fn deal(&self, id: RecordId, as_of: Option<Day>, known_at: Option<Day>) -> Result<DealPage> {
        self.who.require(May::Analyse)?;
        let id = self.store.survivor(id).await?.unwrap_or(id);
        self.deal_page(id, as_of, known_at).await
    }

    /// The page of a deal that the asker has just made or changed: what one may write one may see written, also by
    /// a token that reads nothing else.
    ///
    /// # Errors
    /// It is out of scope now, or the role may not change deals.
    pub async fn changed_deal(&self, id: RecordId) -> Result<DealPage> {
        self.who.require(May::EditDeals)?;
        self.deal_page(id, None, None).await
    }

    async fn deal_page(&self, id: RecordId, as_of: Option<Day>, known_at: Option<Day>) -> Result<DealPage> {
        let folded = self.folded(id, as_of, known_at).await?;
        let fields = self.fields(Kind::Opportunity).await?;
        let values = values(&folded);
        let used = fields.iter().filter_map(|field| Some((field, values.get(&field.id)?)));
        let names = self.names(referred(used)).await?;
        let today = self.today();
        let past = folded.as_of < today || known_at.is_some();
        let editable = !past && self.who.may.contains(&May::EditDeals);
        let process = folded.process(&names);
        let path = process.map_or_else(Vec::new, |process| path(process, &folded, &names, self.calendar()));
        let stage = stage_of(process, &folded, &names);
        let object = object(folded.rest(), ids::OPPORTUNITY_FACTS);
        let exit = stage.filter(|_| folded.hot().outcome == Outcome::Open).and_then(|stage| stage.exit.as_ref());
        let of_facts = fact_fields(process, exit, &object);
        let missing = match stage {
            Some(stage) if folded.hot().outcome == Outcome::Open && stage.exit.is_some() => {
                let moment = self.moment(as_of.filter(|day| *day < today), known_at);
                let facts = self.facts(id, folded.hot(), folded.rest(), &fields, process, moment).await?;
                let called: Vec<Field> = fields.iter().chain(&of_facts).cloned().collect();
                Some(needs(&gate::check(stage, &facts, folded.as_of), Some(stage), &called))
            }
            _ => None,
        };
        let common = Ask { as_of: Some(folded.as_of), known_at, ..Ask::default() };
        let listed = self.listed(&common, &[id]).await?;
        let deal = listed.into_iter().next().ok_or_else(|| no_such(id))?;
        let shown = |field: &&Field| !field.is_retired() || values.contains_key(&field.id);
        let editable_field = |field: &Field| field.show(values.get(&field.id), &names, editable);
        let fact = |field: &Field| field.show_fact(object.get(&field.name), &names, editable);
        Ok(DealPage {
            deal,
            as_of: folded.as_of,
            version: folded.record.version,
            fields: fields.iter().filter(shown).map(editable_field).chain(of_facts.iter().map(fact)).collect(),
            process: process.map(|process| (process.key.clone(), process.version)),
            path,
            missing,
            reasons: process.map_or_else(Vec::new, reasons),
            editable,
        })
    }

    /// Deals as lists show them now, by id. Whoever asks has made sure that they are in scope.
    pub(crate) async fn deals_of(&self, ids: &[RecordId]) -> Result<BTreeMap<RecordId, Deal>> {
        let deals = self.listed(&Ask::default(), ids).await?;
        Ok(deals.into_iter().map(|deal| (deal.id, deal)).collect())
    }

    async fn listed(&self, common: &Ask, ids: &[RecordId]) -> Result<Vec<Deal>> {
        let warehouse = self.warehouse().await?;
        let snapshot = warehouse.snapshot_known_at(common.known_at).await?;
        let as_of = common.as_of.unwrap_or_else(|| self.today());
        let question =
            Question { scope: self.who.scope.clone(), known_at: common.known_at, ..Question::everything(as_of) };
        let ask = warehouse::DealsAsk {
            question,
            found: Some(std::sync::Arc::new(Found::deals(&snapshot, ids))),
            text: String::new(),
            open: None,
            sort: Sort { by: SortBy::Id, descending: false },
            limit: ids.len().max(1),
            after: None,
        };
        Ok(warehouse.list(ask).await?.rows.into_iter().map(Deal::from).collect())
    }
}

/// Every value of a deal by field.
fn values(folded: &Folded) -> BTreeMap<FieldId, Value> {
    let mut values = folded.rest().clone();
    values.extend(hot_values(folded.hot()));
    values
}

/// The stage it is in, as a stage of its process version.
pub(crate) fn stage_of<'p>(
    process: Option<&'p Process>,
    folded: &Folded,
    names: &Names,
) -> Option<&'p domain::process::Stage> {
    let (_, stage) = names.stage(folded.hot().stage)?;
    process?.stage(&stage.key)
}

/// The reasons of a process that explain some move of a deal, with the obstacles that one of them asks for.
fn reasons(process: &Process) -> Vec<(Reason, Vec<ReasonMove>)> {
    const MOVES: [ReasonMove; 4] = [ReasonMove::Lose, ReasonMove::Cancel, ReasonMove::Skip, ReasonMove::Back];
    let book = ReasonBook::of(process);
    let explained = |reason: &Reason| {
        let moves: Vec<_> = MOVES.into_iter().filter(|wanted| book.explains(reason, *wanted)).collect();
        (!moves.is_empty() || reason.group() == "obstacle").then(|| (reason.clone(), moves))
    };
    book.reasons.iter().filter_map(explained).collect()
}

fn path(process: &Process, folded: &Folded, names: &Names, calendar: &domain::Calendar) -> Vec<PathStage> {
    let mut stages: Vec<PathStage> = process
        .path()
        .map(|stage| PathStage {
            key: stage.key.clone(),
            zh: stage.name.zh.clone(),
            en: stage.name.en.clone(),
            kind: stage.kind,
            entered_on: None,
            days: 0,
            at_least: false,
            standard_days: stage.stay_days,
            visits: 0,
            current: false,
        })
        .collect();
    let mut before: Option<(StageId, Outcome)> = None;
    let states = &folded.timeline.states;
    for (at, state) in states.iter().enumerate() {
        let here = (state.hot.stage, state.hot.outcome);
        // What ended or rests is in no stage, unless the process has one for that.
        let stands = |kind: StageKind| kind.outcome() == state.hot.outcome && !state.deleted;
        let key = names.stage(state.hot.stage).map(|(_, stage)| stage.key.as_str());
        let Some(stage) = stages.iter_mut().find(|stage| Some(stage.key.as_str()) == key && stands(stage.kind)) else {
            before = Some(here);
            continue;
        };
        let day = calendar.day(state.effective_at);
        let until = states.get(at + 1).map_or(folded.as_of, |next| calendar.day(next.effective_at));
        stage.days += until.since(day);
        if before != Some(here) {
            stage.visits += 1;
            stage.at_least |= before == Some((StageId::UNKNOWN, Outcome::Open));
            stage.entered_on = stage.entered_on.or(Some(day));
        }
        stage.current = at + 1 == states.len();
        before = Some(here);
    }
    stages
}
