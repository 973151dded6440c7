//! The part that every question has: which process, which days, whom it is asked for.

use domain::people::{Team, TeamTree};
use domain::{Day, Kind, RecordId, Scope};
use store::Store;

use crate::{AppError, Result};

/// What every analysis may be asked with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ask {
    /// Key of the process; needed where several are in view.
    pub process: Option<String>,
    /// The answer's day; today where absent.
    pub as_of: Option<Day>,
    /// Only what was known at the end of this day.
    pub known_at: Option<Day>,
    /// First day of the period.
    pub from: Option<Day>,
    /// Last day of the period.
    pub to: Option<Day>,
    /// Dimensions to group by.
    pub by: Vec<String>,
    /// A condition on deals, as a boolean expression of SQL.
    pub filter: Option<String>,
    /// `all`, `team:NAME` or `person:NAME`.
    pub scope: String,
    /// The reporting currency.
    pub currency: Option<String>,
}

/// Refuses a use case that shows or changes everybody's data to whoever is asked for a part of it.
///
/// # Errors
/// The scope is another than `all`.
pub fn require_everybody(scope: &str) -> Result<()> {
    if is_everybody(scope) {
        return Ok(());
    }
    Err(AppError::input(format!("this command shows or changes everybody's data, and `{scope}` sees a part of it"))
        .hint("leave --scope out, or ask one of the analyses or `loudou sql`"))
}

fn is_everybody(scope: &str) -> bool {
    matches!(scope, "" | "all")
}

/// Reads a scope as people write it. A name that does not exist sees nothing it could not see anyway, so
/// it is refused by name.
pub(crate) async fn scope(store: &Store, text: &str) -> Result<Scope> {
    let (sort, name) = text.split_once(':').map_or((text, ""), |(sort, name)| (sort, name.trim()));
    match sort {
        "" | "all" => Ok(Scope::All),
        "team" => {
            let teams = store.all_records(Kind::Team).await?;
            let team = named(&teams, name, domain::field::ids::TEAM_NAME, "team")?;
            Ok(Scope::for_team(team, &tree(&teams)?))
        }
        "person" => {
            let people = store.all_records(Kind::Person).await?;
            Ok(Scope::Person(named(&people, name, domain::field::ids::PERSON_NAME, "person")?))
        }
        _ => Err(AppError::input(format!("`{text}` is no scope")).hint("write all, team:NAME or person:NAME")),
    }
}

fn named(records: &[store::Record], name: &str, field: domain::field::FieldId, what: &str) -> Result<RecordId> {
    let found = records.iter().find(|record| record.text(field) == Some(name));
    found.map(|record| record.id).ok_or_else(|| {
        let mut names: Vec<_> = records.iter().filter_map(|record| record.text(field)).collect();
        names.sort_unstable();
        names.truncate(20);
        let hint = if names.is_empty() {
            format!("there is no {what} yet")
        } else {
            format!("there are: {}", names.join(", "))
        };
        AppError::input(format!("there is no {what} called `{name}`")).hint(hint)
    })
}

fn tree(teams: &[store::Record]) -> Result<TeamTree> {
    let team = |record: &store::Record| Team {
        id: record.id,
        name: record.text(domain::field::ids::TEAM_NAME).unwrap_or_default().to_owned(),
        parent: record.int(domain::field::ids::TEAM_PARENT),
    };
    TeamTree::new(teams.iter().map(team)).map_err(|error| AppError::input(error.to_string()))
}
