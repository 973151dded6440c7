//! A history that lies in columns: one date for each stage that a deal came to.

use std::collections::BTreeMap;

use domain::process::{Process, StageKind};
use domain::words::Text2;

use super::content::Content;
use super::{Suggestion, Table, columns, headings, words};
use crate::mapping::{MappedProcess, Mapping, Milestone};

/// Columns of dates that name stages, from which on they are taken for the history.
const ENOUGH: usize = 2;
/// What stands around a stage's name in the heading of its date.
const AROUND: &str = "dateentered entereddate enteredon entered reachedon reached dateof date time on at stage \
    进入日期 进入时间 到达日期 到达时间 完成日期 完成时间 进入 到达 阶段 日期 时间 日";
/// What makes a date one of something else, however much of a stage's name stands in its heading.
const NOT_REACHED: &str = "expected planned estimated target forecast next last latest modified updated exit left due expir until \
    预计 计划 预测 目标 下次 下一 最后 最近 最新 修改 更新 离开 退出 截止 到期 有效 回款 开票 交付 发货";

/// A column of dates and the name of the stage in its heading.
#[derive(Debug, Clone)]
pub(super) struct Dated<'t> {
    pub(super) content: &'t Content<'t>,
    pub(super) name: String,
    pub(super) outcome: Option<&'static str>,
}

/// The columns of a table that are such a history; none where there are too few to be one.
pub(super) fn dated<'t>(table: &'t Table<'t>, tells_outcome: bool) -> Vec<Dated<'t>> {
    let mut found: Vec<Dated<'_>> = table.contents.iter().filter_map(|content| of(content, tells_outcome)).collect();
    found.sort_by_key(|dated| (dated.outcome.is_some(), words::rank(&dated.name)));
    let stages = found.iter().filter(|dated| dated.outcome.is_none()).count();
    if stages >= ENOUGH { found } else { Vec::new() }
}

fn of<'t>(content: &'t Content<'t>, tells_outcome: bool) -> Option<Dated<'t>> {
    let heading = &content.column.name;
    if !content.is_mostly_date() || content.filled == 0 {
        return None;
    }
    let whole = words::folded(heading);
    if NOT_REACHED.split_whitespace().any(|word| whole.contains(word)) {
        return None;
    }
    let name = stage_in(&words::outside_brackets(heading));
    let is_plainly = |field: &str| headings::score(field, heading) >= columns::PLAIN;
    let rank = words::rank(&name).filter(|rank| !is_plainly("created") || *rank > FIRST);
    let outcome = words::outcome(&name).or_else(|| words::is_perhaps_won(&name).then_some("won"));
    let outcome = outcome.filter(|outcome| *outcome != "open");
    // Where another column tells how deals ended, its date is that of the close.
    match (outcome, rank) {
        (Some(_), _) if tells_outcome => None,
        (None, None) => None,
        (None, _) if is_plainly("closed") => None,
        _ => Some(Dated { content, name, outcome }),
    }
}

/// The rank of what is merely new.
const FIRST: u32 = 5;

/// What is left of a heading without the words around a stage's name.
fn stage_in(heading: &str) -> String {
    let mut name = heading.trim();
    loop {
        let before = name;
        for word in AROUND.split_whitespace() {
            name = name.trim_matches(|c: char| !c.is_alphanumeric());
            let start = name.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word)).map(str::len);
            let end = name
                .len()
                .checked_sub(word.len())
                .filter(|at| name.get(*at..).is_some_and(|end| end.eq_ignore_ascii_case(word)));
            // A Latin word is one only where another sign stands beside it.
            let is_whole =
                |next: Option<char>| !word.is_ascii() || next.is_none_or(|next| !next.is_ascii_alphanumeric());
            if let Some(at) = start.filter(|at| is_whole(name[*at..].chars().next())) {
                name = &name[at..];
            } else if let Some(at) = end.filter(|at| is_whole(name[..*at].chars().next_back())) {
                name = &name[..at];
            }
        }
        if name == before {
            return name.to_owned();
        }
    }
}

/// The stages of a column and those named by dates, each once: a value of the column stands for the date of the same
/// stage.
pub(super) fn values<'t>(stage: Option<&'t Content<'_>>, dated: &'t [Dated<'_>]) -> Vec<&'t str> {
    let mut values: Vec<&str> =
        stage.map_or_else(Vec::new, |content| content.values.iter().map(|(value, _)| *value).collect());
    let named = dated.iter().filter(|dated| dated.outcome.is_none()).map(|dated| dated.name.as_str());
    for name in named {
        if same(&values, name).is_none() {
            values.push(name);
        }
    }
    values
}

/// Of several values the one that names the same stage.
fn same<'v>(values: &[&'v str], name: &str) -> Option<&'v str> {
    let name = words::folded(name);
    let folded = |value: &str| words::folded(words::core(value));
    if name.is_empty() {
        return None;
    }
    let equal = values.iter().find(|value| folded(value) == name);
    let is_part = |part: &str, whole: &str| is_telling(part) && whole.contains(part);
    let holds = || values.iter().find(|value| is_part(&name, &folded(value)) || is_part(&folded(value), &name));
    equal.or_else(holds).copied()
}

/// Whether a folded name is long enough to be known again inside of another: a sign of a script without letters says as
/// much as a word, a letter says nothing.
fn is_telling(name: &str) -> bool {
    let mut signs = name.chars();
    match (signs.next(), signs.next()) {
        (Some(only), None) => !only.is_ascii() && !only.is_lowercase() && only.is_alphabetic(),
        (first, _) => first.is_some(),
    }
}

/// The stages of a process in their order, with what each means.
fn stages_of<'p>(process: &'p MappedProcess, processes: &'p [Process]) -> Vec<(&'p str, StageKind)> {
    match process {
        MappedProcess::Own(own) => own.stages.iter().map(|stage| (stage.key.as_str(), stage.kind)).collect(),
        MappedProcess::Key(key) => {
            let known = processes.iter().find(|process| process.key == *key);
            let stages = known.into_iter().flat_map(|process| &process.stages);
            stages.map(|stage| (stage.key.as_str(), stage.kind)).collect()
        }
    }
}

/// Puts the columns of dates into the mapping, once it is known which stage each value is. `stages` are the values of all
/// stages with what they mean.
pub(super) fn take(
    dated: &[Dated<'_>],
    stages: &BTreeMap<String, String>,
    processes: &[Process],
    mapping: &mut Mapping,
    suggestions: &mut Vec<Suggestion>,
) -> Option<Text2> {
    let values: Vec<&str> = stages.keys().map(String::as_str).collect();
    let order = stages_of(&mapping.process, processes);
    let won = order.iter().find(|(_, kind)| *kind == StageKind::Won).map(|(key, _)| *key);
    let mut milestones: Vec<Milestone> = Vec::new();
    for dated in dated {
        let named = || same(&values, &dated.name).and_then(|value| stages.get(value)).filter(|key| !key.is_empty());
        let stage = match dated.outcome {
            Some("won") => won.map(str::to_owned),
            Some(_) => None,
            None => named().cloned(),
        };
        let column = dated.content.column.name.clone();
        let outcome = dated.outcome.map(str::to_owned);
        if stage.is_some() || outcome.is_some() {
            milestones.push(Milestone { column, stage, outcome });
        }
    }
    milestones.sort_by_key(|milestone| {
        let stage = milestone.stage.as_ref().and_then(|stage| order.iter().position(|(key, _)| *key == stage));
        (milestone.outcome.is_some(), stage.unwrap_or(order.len()))
    });
    if milestones.is_empty() {
        return None;
    }
    // A day on which a deal was won or lost is no longer the day of any close.
    let ends = |column: &str| milestones.iter().any(|one| one.outcome.is_some() && one.column == column);
    mapping.fields.retain(|name, field| name != "closed" || !ends(&field.column));
    suggestions.retain(|found| found.field != "closed" || !ends(&found.column));
    let names = |separator: &str| {
        milestones.iter().map(|milestone| milestone.column.as_str()).collect::<Vec<_>>().join(separator)
    };
    let note = Text2::new(
        format!("“{}”各是到达一个阶段的日期：作为阶段的历史导入", names("”、“")),
        format!("each of “{}” is the date of a stage: they go in as the history of the stages", names("”, “")),
    );
    mapping.milestones = milestones;
    Some(note)
}
