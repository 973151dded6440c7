//! The part that every question has: which process, which days, whom it is asked for.

use domain::field::{FieldId, ids};
use domain::people::{Team, TeamTree};
use domain::{Day, Kind, RecordId, Scope};
use store::{Record, Store};
use warehouse::Only;

use crate::{AppError, Result, Who};

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
    /// Only deals with these values, each as `dimension:value`: one of those of a dimension, of every dimension named.
    /// An empty value: none is recorded. Beside the condition.
    pub chips: Vec<String>,
    /// The part of what the asker may see: all of it, `me`, `team:NAME` or `person:NAME`, or `#ID` for the name.
    pub scope: String,
    /// The reporting currency.
    pub currency: Option<String>,
}

/// Reads chips: values of one dimension together.
pub(crate) fn only(chips: &[String]) -> Result<Vec<Only>> {
    let mut all: Vec<Only> = Vec::new();
    for chip in chips {
        let Some((dimension, value)) = chip.split_once(':') else {
            return Err(AppError::input((
                format!("筛选“{chip}”的维度与值之间没有冒号"),
                format!("the filter `{chip}` has no colon between dimension and value"),
            ))
            .hint((
                "写成 region:East；没有区域的商机写成 region:",
                "write it as region:East, or as region: for deals without a region",
            )));
        };
        let value = (!value.is_empty()).then(|| value.to_owned());
        match all.iter_mut().find(|only| only.dimension == dimension) {
            Some(only) => only.values.push(value),
            None => all.push(Only { dimension: dimension.to_owned(), values: vec![value] }),
        }
    }
    Ok(all)
}

/// Refuses a use case that shows or changes everybody's data to whoever is asked for a part of it.
///
/// # Errors
/// The scope is another than `all`.
pub fn require_everybody(scope: &str) -> Result<()> {
    if is_everybody(scope) {
        return Ok(());
    }
    Err(AppError::input((
        format!("此命令涉及所有人的数据，而“{scope}”只看得到一部分"),
        format!("this command shows or changes everybody's data, and `{scope}` sees a part of it"),
    ))
    .hint((
        "请去掉 --scope，或改用某项分析或 `loudou sql`",
        "leave --scope out, or ask one of the analyses or `loudou sql`",
    )))
}

fn is_everybody(scope: &str) -> bool {
    matches!(scope, "" | "all")
}

/// Reads the part of what `who` may see that is asked for, as people write it. A name that is nobody's, or of
/// several, is refused; one outside of what `who` may see is nobody's.
pub(crate) async fn scope(store: &Store, who: &Who, text: &str) -> Result<Scope> {
    let (sort, name) = text.split_once(':').map_or((text, ""), |(sort, name)| (sort, name.trim()));
    let part = match sort {
        "" | "all" => Scope::All,
        "me" => Scope::Person(who.actor),
        "team" => {
            let teams = store.all_records(Kind::Team).await?;
            let tree = tree(&teams)?;
            let seen = |team: &Record| who.scope.includes(&Scope::for_team(team.id, &tree));
            let choice: Vec<Record> = teams.iter().filter(|team| seen(team)).cloned().collect();
            let team = named(&choice, name, "team", ids::TEAM_NAME, |team| below(&teams, team, ids::TEAM_PARENT))?;
            Scope::for_team(team, &tree)
        }
        "person" => {
            let mut people = store.all_records(Kind::Person).await?;
            let teams = store.all_records(Kind::Team).await?;
            people.retain(|person| who.scope.allows(Some(person.id), person.int(ids::PERSON_TEAM)));
            let apart = |person: &Record| below(&teams, person, ids::PERSON_TEAM);
            Scope::Person(named(&people, name, "person", ids::PERSON_NAME, apart)?)
        }
        _ => {
            return Err(AppError::input((format!("“{text}”不是范围"), format!("`{text}` is no scope"))).hint((
                "写 all、team:名称 或 person:名称，名称也可写成 #编号",
                "write all, team:NAME or person:NAME, or #ID for the name",
            )));
        }
    };
    Ok(who.scope.clone().and(part))
}

/// The record of a name, or of `#` and its id. `apart` says what tells it from others of its name.
fn named(
    records: &[Record],
    name: &str,
    what: &str,
    field: FieldId,
    apart: impl Fn(&Record) -> String,
) -> Result<RecordId> {
    let id = name.strip_prefix('#').and_then(|id| id.parse::<RecordId>().ok());
    let mut found: Vec<&Record> = records.iter().filter(|record| record.text(field) == Some(name)).collect();
    if found.is_empty() {
        found.extend(records.iter().filter(|record| Some(record.id) == id));
    }
    match found.as_slice() {
        [one] => Ok(one.id),
        [] => {
            let near = warehouse::similar(name, records.iter().filter_map(|record| record.text(field)));
            let called = if what == "team" { "团队" } else { "人员" };
            let zh = format!("没有名为“{name}”的{called}");
            let error = AppError::input((zh, format!("there is no {what} called `{name}`")));
            Err(if near.is_empty() { error } else { error.hint(meant(&near)) })
        }
        several => {
            let each: Vec<_> =
                several.iter().map(|record| format!("{what}:#{} ({})", record.id, apart(record))).collect();
            Err(AppError::input((
                format!("有 {} 条记录都叫“{name}”", several.len()),
                format!("`{name}` is the name of {} records of the kind {what}", several.len()),
            ))
            .hint((format!("请用编号指明：{}", each.join("、")), format!("name one by its id: {}", each.join(", ")))))
        }
    }
}

/// Asks whether one of these names was meant.
pub(crate) fn meant(near: &[String]) -> (String, String) {
    (format!("是否指 {}？", near.join(" 或 ")), format!("did you mean {}?", near.join(" or ")))
}

/// Where a record belongs, by the name of the team above it.
fn below(teams: &[Record], record: &Record, field: FieldId) -> String {
    let above = record.int(field).and_then(|above| teams.iter().find(|team| team.id == above));
    let name = above.and_then(|team| team.text(ids::TEAM_NAME));
    name.map_or_else(|| "in no team".to_owned(), |name| format!("in {name}"))
}

fn tree(teams: &[Record]) -> Result<TeamTree> {
    let team = |record: &Record| Team {
        id: record.id,
        name: record.text(ids::TEAM_NAME).unwrap_or_default().to_owned(),
        parent: record.int(ids::TEAM_PARENT),
    };
    TeamTree::new(teams.iter().map(team)).map_err(|error| AppError::input(error.to_string()))
}
