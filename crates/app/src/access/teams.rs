//! Teams: records of the journal, which must stay a tree.

use std::collections::BTreeMap;

use domain::field::{Value, ids};
use domain::journal::Op;
use domain::people::{May, Team, TeamTree};
use domain::{Instant, Kind, RecordId};
use serde_json::json;
use store::Record;

use super::log::note;
use super::person::{self, reference};
use super::{Access, Action, Caller};
use crate::{AppError, Fault, Result};

/// Characters of a team's name at most.
const LONGEST: usize = 100;

/// A team as an administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamSeen {
    /// The record.
    pub id: RecordId,
    /// Its name.
    pub name: String,
    /// The team above.
    pub parent: Option<RecordId>,
    /// How many people are in it, those of the teams below not counted.
    pub people: u64,
    /// Journal sequence of what changed it last; to be handed back with an edit.
    pub version: i64,
}

/// A team to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTeam {
    /// Its name.
    pub name: String,
    /// The team above.
    pub parent: Option<RecordId>,
}

/// What is to change of a team; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TeamChange {
    /// Its name.
    pub name: Option<String>,
    /// The team above; the inner absence puts it at the top.
    pub parent: Option<Option<RecordId>>,
}

fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return Err(AppError::input((
            format!("团队名称须为 1 到 {LONGEST} 个字符，且不含控制字符"),
            format!("a team's name has 1 to {LONGEST} characters, and none of them is a control character"),
        )));
    }
    Ok(name.to_owned())
}

fn team_of(record: &Record) -> Team {
    Team {
        id: record.id,
        name: record.text(ids::TEAM_NAME).unwrap_or_default().to_owned(),
        parent: record.int(ids::TEAM_PARENT),
    }
}

/// Whether the teams can stand as they would be: a tree, and no two of one name under one team.
fn check(teams: Vec<Team>, changed: &Team) -> Result<()> {
    let same = |other: &&Team| other.id != changed.id && other.parent == changed.parent && other.name == changed.name;
    if let Some(same) = teams.iter().find(same) {
        return Err(AppError::of(
            Fault::Conflict,
            (
                format!("这个位置已有团队 `{}`", same.name),
                format!("there is a team `{}` in this place already", same.name),
            ),
        ));
    }
    TeamTree::new(teams)
        .map(|_| ())
        .map_err(|error| AppError::input(("团队不能放在这里：上下级须成一棵树，不能成环", error.to_string())))
}

fn no_team(id: RecordId) -> AppError {
    AppError::not_found((format!("没有团队 {id}"), format!("there is no team {id}")))
}

impl Access {
    /// Every team, by name.
    ///
    /// # Errors
    /// The caller may not administer; or the database's own.
    pub async fn teams(&self, by: &Caller) -> Result<Vec<TeamSeen>> {
        by.who.require(May::Administer)?;
        let mut people: BTreeMap<RecordId, u64> = BTreeMap::new();
        for person in self.store.all_records(Kind::Person).await? {
            if let Some(team) = person.int(ids::PERSON_TEAM) {
                *people.entry(team).or_default() += 1;
            }
        }
        let mut teams: Vec<TeamSeen> = self
            .store
            .all_records(Kind::Team)
            .await?
            .iter()
            .map(|record| {
                let Team { id, name, parent } = team_of(record);
                TeamSeen { id, name, parent, people: people.get(&id).copied().unwrap_or(0), version: record.version }
            })
            .collect();
        teams.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(teams)
    }

    async fn team(&self, by: &Caller, id: RecordId) -> Result<TeamSeen> {
        self.teams(by).await?.into_iter().find(|team| team.id == id).ok_or_else(|| no_team(id))
    }

    /// Makes a team.
    ///
    /// # Errors
    /// The caller may not administer; the name is none or taken, or there is no such team above; or the
    /// database's own.
    pub async fn add_team(&self, by: &Caller, new: NewTeam, now: Instant) -> Result<TeamSeen> {
        by.who.require(May::Administer)?;
        let name = check_name(&new.name)?;
        let mut writer = self.store.begin().await?;
        let id = writer.allocate(1);
        let team = Team { id, name: name.clone(), parent: new.parent };
        let mut teams: Vec<Team> = self.store.all_records(Kind::Team).await?.iter().map(team_of).collect();
        teams.push(team.clone());
        check(teams, &team)?;
        let mut fields = vec![(ids::TEAM_NAME, Value::Text(name.as_str().into()))];
        if new.parent.is_some() {
            fields.push((ids::TEAM_PARENT, reference(new.parent)));
        }
        person::assert(&mut writer, by, Kind::Team, id, fields, now).await?;
        note(&mut writer, by, Action::TeamAdded, name, json!({}), now).await?;
        writer.commit().await?;
        self.team(by, id).await
    }

    /// Gives a team another name or place.
    ///
    /// # Errors
    /// The caller may not administer; there is none, it was changed meanwhile, the name is none or taken, or the
    /// teams would be no tree; or the database's own.
    pub async fn change_team(
        &self,
        by: &Caller,
        id: RecordId,
        version: i64,
        change: TeamChange,
        now: Instant,
    ) -> Result<TeamSeen> {
        by.who.require(May::Administer)?;
        let mut writer = self.store.begin().await?;
        let mut teams: Vec<Team> = self.store.all_records(Kind::Team).await?.iter().map(team_of).collect();
        let team = teams.iter_mut().find(|team| team.id == id).ok_or_else(|| no_team(id))?;
        writer.expect_version(Kind::Team, id, version).await?;
        let mut fields = Vec::new();
        if let Some(name) = &change.name {
            team.name = check_name(name)?;
            fields.push((ids::TEAM_NAME, Value::Text(team.name.as_str().into())));
        }
        if let Some(parent) = change.parent {
            team.parent = parent;
            fields.push((ids::TEAM_PARENT, reference(parent)));
        }
        let team = team.clone();
        if !fields.is_empty() {
            check(teams, &team)?;
            person::assert(&mut writer, by, Kind::Team, id, fields, now).await?;
            note(&mut writer, by, Action::TeamChanged, team.name, json!({}), now).await?;
        }
        writer.commit().await?;
        self.team(by, id).await
    }

    /// Deletes a team that nobody is in and no team is below. Its past stays.
    ///
    /// # Errors
    /// The caller may not administer; there is none, it was changed meanwhile, or it is not empty; or the
    /// database's own.
    pub async fn delete_team(&self, by: &Caller, id: RecordId, version: i64, now: Instant) -> Result<()> {
        by.who.require(May::Administer)?;
        let mut writer = self.store.begin().await?;
        let teams = self.teams(by).await?;
        let team = teams.iter().find(|team| team.id == id).ok_or_else(|| no_team(id))?;
        writer.expect_version(Kind::Team, id, version).await?;
        let below = teams.iter().filter(|other| other.parent == Some(id)).count();
        if team.people > 0 || below > 0 {
            let what = format!("{} people are in team `{}`, and {below} teams are below it", team.people, team.name);
            return Err(
                AppError::of(Fault::Conflict, what).hint(("请先把他们移到其他团队", "move them to other teams first"))
            );
        }
        person::append(&mut writer, by, Kind::Team, id, Op::Delete, now).await?;
        note(&mut writer, by, Action::TeamDeleted, &team.name, json!({}), now).await?;
        writer.commit().await?;
        Ok(())
    }
}
