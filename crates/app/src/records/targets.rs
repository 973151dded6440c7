//! Targets: what is to be won, by whom or where, in which days.
//!
//! Who sees everything sees and sets every target. Anybody else sees those of the teams and people in their scope;
//! targets of the whole, of regions, products and the like are everybody's together and shown to no single team, as
//! the gauges hold it.

use std::collections::HashSet;

use domain::field::{FieldId, Value, ids};
use domain::journal::Facts;
use domain::people::May;
use domain::process::Process;
use domain::{Currency, Day, Kind, RecordId, Scope};
use serde_json::{Map, Value as Json};
use store::Record;
use warehouse::{Question, Sort, SortBy};

use super::edit::{EditError, Edited, FieldIssue, asserted, one_of};
use super::list::Member;
use super::names::Names;
use crate::answers::targets::MEMBERS;
use crate::{AppError, Loudou, Result};

/// Which targets to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetsAsk {
    /// Those that touch this calendar year.
    pub year: Option<i32>,
    /// Those of this process, and those of none.
    pub process: Option<String>,
}

/// A target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its record.
    pub id: RecordId,
    /// To be handed back with a change.
    pub version: i64,
    /// Its first day.
    pub from_on: Option<Day>,
    /// Its last day.
    pub to_on: Option<Day>,
    /// Key of its process; absent: of any.
    pub process: Option<String>,
    /// Whose or where, by the names of the dimensions: `owner`, `team`, `region`, `product`, `industry`, `channel`.
    pub members: Vec<(&'static str, Member)>,
    /// What is to be won, in minor units.
    pub amount_minor: Option<i64>,
    /// The currency of that.
    pub currency: Option<Currency>,
    /// How many deals are to be won.
    pub deals: Option<i64>,
}

/// The teams and people whose targets are in sight; absent: all targets are.
struct Sight(Option<(HashSet<RecordId>, HashSet<RecordId>)>);

impl Sight {
    fn shows(&self, value: impl Fn(FieldId) -> Option<RecordId>) -> bool {
        let Some((teams, people)) = &self.0 else { return true };
        let named: Vec<(Kind, RecordId)> =
            MEMBERS.iter().filter_map(|(_, field, kind)| Some((*kind, value(*field)?))).collect();
        let seen = |(kind, id): &(Kind, RecordId)| match kind {
            Kind::Team => teams.contains(id),
            Kind::Person => people.contains(id),
            _ => false,
        };
        !named.is_empty() && named.iter().all(seen)
    }
}

fn no_such(id: RecordId) -> AppError {
    AppError::not_found((format!("没有目标 {id}"), format!("there is no target {id}")))
}

impl Loudou {
    async fn target_sight(&self) -> Result<Sight> {
        if self.who.scope == Scope::All {
            return Ok(Sight(None));
        }
        let snapshot = self.warehouse().await?.snapshot();
        let of = async |field, kind| self.members_in_scope(&self.who.scope, Some((field, kind)), &snapshot).await;
        let teams = of(ids::TARGET_TEAM, Kind::Team).await?.unwrap_or_default();
        let people = of(ids::TARGET_PERSON, Kind::Person).await?.unwrap_or_default();
        Ok(Sight(Some((teams, people))))
    }

    /// Targets in sight, by their first day, then by id.
    ///
    /// # Errors
    /// The data cannot be read.
    pub async fn target_list(&self, ask: &TargetsAsk) -> Result<Vec<Target>> {
        self.who.require(May::Analyse)?;
        let sight = self.target_sight().await?;
        let processes = self.processes().await?;
        let mut records = self.store.all_records(Kind::Target).await?;
        let key = |record: &Record| process_key(record, &processes);
        records.retain(|record| {
            sight.shows(|field| record.int(field))
                && ask.year.is_none_or(|year| touches(record, year))
                && ask.process.as_ref().is_none_or(|wanted| key(record).is_none_or(|key| key == *wanted))
        });
        let wanted = records.iter().flat_map(|record| {
            MEMBERS.iter().filter_map(|(_, field, kind)| Some((*kind, record.int(*field)?))).collect::<Vec<_>>()
        });
        let names = self.names(wanted.collect()).await?;
        let mut targets: Vec<Target> = records.iter().map(|record| target(record, &names, &processes)).collect();
        targets.sort_by_key(|target| (target.from_on, target.id));
        Ok(targets)
    }

    /// The currency that targets of a process are held against: the one that its deals in scope are counted in, or
    /// the organisation's where that is none. A target in another one is compared with nothing.
    ///
    /// # Errors
    /// The data cannot be read.
    pub async fn target_currency(&self, process: Option<&str>) -> Result<Option<Currency>> {
        let known = self.processes().await?;
        let counted = match process.filter(|key| known.iter().any(|process| process.key == **key)) {
            None => None,
            Some(key) => {
                let everything = Question::everything(self.today());
                let scope = self.who.scope.clone();
                let ask = warehouse::DealsAsk {
                    question: Question { scope, process: Some(key.to_owned()), ..everything },
                    found: None,
                    text: String::new(),
                    open: None,
                    sort: Sort { by: SortBy::Id, descending: false },
                    limit: 1,
                    after: None,
                };
                let list = self.warehouse().await?.list(ask).await?;
                list.currency.filter(|_| list.sums.deals > 0)
            }
        };
        Ok(match counted {
            Some(currency) => Some(currency),
            None => self.store.organisation().await?.map(|organisation| organisation.currency),
        })
    }

    /// Sets a target.
    ///
    /// # Errors
    /// Values that break rules; somebody out of sight; a role that may not.
    pub async fn set_target(&self, values: &Map<String, Json>) -> Edited<RecordId> {
        self.who.require(May::EditTargets)?;
        let facts = self.target_facts(values, None).await?;
        self.write_new(Kind::Target, facts).await
    }

    /// Changes a target in sight, on the version that was read.
    ///
    /// # Errors
    /// As [`Loudou::set_target`]; no such target in sight; a change meanwhile.
    pub async fn change_target(&self, id: RecordId, version: i64, values: &Map<String, Json>) -> Edited<()> {
        self.who.require(May::EditTargets)?;
        let record = self.seen_target(id).await?;
        let facts = self.target_facts(values, Some(&record)).await?;
        self.write_change(Kind::Target, id, version, facts).await
    }

    /// Takes a target away, on the version that was read.
    ///
    /// # Errors
    /// No such target in sight; a change meanwhile; a role that may not.
    pub async fn delete_target(&self, id: RecordId, version: i64) -> Result<()> {
        self.who.require(May::EditTargets)?;
        self.seen_target(id).await?;
        let mut writer = self.store.begin().await?;
        writer.expect_version(Kind::Target, id, version).await?;
        writer.delete(Kind::Target, id, self.now, self.who.actor, self.now).await?;
        writer.commit().await?;
        Ok(())
    }

    /// A target in sight.
    ///
    /// # Errors
    /// There is none.
    pub async fn target(&self, id: RecordId) -> Result<Target> {
        self.who.require(May::Analyse)?;
        self.told_target(id).await
    }

    /// A target that the asker has just set or changed (see [`Loudou::changed_deal`]).
    ///
    /// # Errors
    /// There is none, or the role may not set targets.
    pub async fn changed_target(&self, id: RecordId) -> Result<Target> {
        self.who.require(May::EditTargets)?;
        self.told_target(id).await
    }

    async fn told_target(&self, id: RecordId) -> Result<Target> {
        let record = self.seen_target(id).await?;
        let wanted = MEMBERS.iter().filter_map(|(_, field, kind)| Some((*kind, record.int(*field)?)));
        let names = self.names(wanted.collect()).await?;
        Ok(target(&record, &names, &self.processes().await?))
    }

    async fn seen_target(&self, id: RecordId) -> Result<Record> {
        let record = self.store.records(Kind::Target, &[id]).await?.into_iter().next().ok_or_else(|| no_such(id))?;
        if self.target_sight().await?.shows(|field| record.int(field)) { Ok(record) } else { Err(no_such(id)) }
    }

    async fn target_facts(&self, values: &Map<String, Json>, before: Option<&Record>) -> Edited<Facts> {
        let mut values = values.clone();
        let mut issues = Vec::new();
        // A target names its seller as `owner`, as the gauges do.
        if let Some(owner) = values.remove("owner") {
            values.insert("person".to_owned(), owner);
        }
        let process = match values.remove("process") {
            None => None,
            Some(Json::Null) => Some(Value::Null),
            Some(key) => {
                let processes = self.processes().await?;
                let of_key = processes.iter().filter(|process| Some(process.key.as_str()) == key.as_str());
                let newest = of_key.max_by_key(|process| process.version).and_then(|process| process.id);
                if newest.is_none() {
                    let mut keys: Vec<_> = processes.iter().map(|process| process.key.as_str()).collect();
                    keys.dedup();
                    issues.push(FieldIssue::new("process", one_of(&keys)));
                }
                newest.map(|id| Value::Int(i64::from(id.0)))
            }
        };
        let drawn = self.draw_record(Kind::Target, &values, before, &["from_on", "to_on"]).await;
        let mut facts = match drawn {
            Ok(facts) => facts,
            Err(EditError::Fields(more)) => {
                issues.extend(more);
                return Err(EditError::Fields(issues));
            }
            Err(other) => return Err(other),
        };
        if let Some(process) = process {
            facts.put(ids::TARGET_PROCESS, process);
        }
        let now = |facts: &Facts, field: FieldId| match asserted(facts, field) {
            Some(Value::Int(value) | Value::Ref(value)) => Some(*value),
            Some(_) => None,
            None => before.and_then(|record| record.int(field)),
        };
        if now(&facts, ids::TARGET_FROM) > now(&facts, ids::TARGET_TO) {
            issues.push(FieldIssue::new("to_on", ("早于第一天", "lies before the first day")));
        }
        match (now(&facts, ids::TARGET_AMOUNT), now(&facts, ids::TARGET_COUNT)) {
            (None, None) => {
                let words = ("需要金额或商机数", "an amount or a number of deals is needed");
                issues.push(FieldIssue::new("amount_minor", words));
            }
            (Some(amount), _) if amount < 0 => issues.push(FieldIssue::new("amount_minor", BELOW_ZERO)),
            (_, Some(deals)) if deals < 0 => issues.push(FieldIssue::new("deals", BELOW_ZERO)),
            _ => {}
        }
        if now(&facts, ids::TARGET_AMOUNT).is_some() && now(&facts, ids::TARGET_CURRENCY).is_none() {
            let processes = self.processes().await?;
            let key = now(&facts, ids::TARGET_PROCESS).and_then(|id| key_of(id, &processes));
            let currency = self.target_currency(key.as_deref()).await?;
            let code = currency.map_or(Value::Null, |currency| Value::Int(i64::from(currency.code())));
            facts.put(ids::TARGET_CURRENCY, code);
        }
        if issues.is_empty() && !self.target_sight().await?.shows(|field| now(&facts, field)) {
            let zh = "请指明您范围内的团队或人员：其他目标由大家共有";
            let en = "name a team or a person in your scope: other targets are everybody's together";
            issues.push(FieldIssue::new("team", (zh, en)));
        }
        if issues.is_empty() { Ok(facts) } else { Err(EditError::Fields(issues)) }
    }
}

const BELOW_ZERO: (&str, &str) = ("不能小于零", "must not be below zero");

fn day(record: &Record, field: FieldId) -> Option<Day> {
    record.int(field).and_then(|day| i32::try_from(day).ok()).map(Day)
}

fn touches(record: &Record, year: i32) -> bool {
    let (Some(first), Some(last)) = (Day::from_ymd(year, 1, 1), Day::from_ymd(year, 12, 31)) else { return false };
    day(record, ids::TARGET_FROM).is_some_and(|day| day <= last)
        && day(record, ids::TARGET_TO).is_some_and(|day| day >= first)
}

fn process_key(record: &Record, processes: &[Process]) -> Option<String> {
    key_of(record.int(ids::TARGET_PROCESS)?, processes)
}

fn key_of(id: i64, processes: &[Process]) -> Option<String> {
    let found = processes.iter().find(|process| process.id.is_some_and(|of| i64::from(of.0) == id));
    found.map(|process| process.key.clone())
}

fn target(record: &Record, names: &Names, processes: &[Process]) -> Target {
    let members = MEMBERS.iter().filter_map(|(name, field, kind)| {
        let id = record.int(*field)?;
        Some((*name, Member { id, name: names.of(*kind, id) }))
    });
    let currency = record.int(ids::TARGET_CURRENCY).and_then(|code| u16::try_from(code).ok());
    Target {
        id: record.id,
        version: record.version,
        from_on: day(record, ids::TARGET_FROM),
        to_on: day(record, ids::TARGET_TO),
        process: process_key(record, processes),
        members: members.collect(),
        amount_minor: record.int(ids::TARGET_AMOUNT),
        currency: currency.and_then(Currency::from_code),
        deals: record.int(ids::TARGET_COUNT),
    }
}
