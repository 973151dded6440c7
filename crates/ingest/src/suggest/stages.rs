//! From the values of the stage's and the outcome's columns to a process: one that is there, where all stages are its
//! own, else one of the values in the order that their numbers, chances or words tell.

use std::collections::BTreeMap;

use domain::process::{Level, Process, StageKind, StageRole};
use domain::words::Text2;

use super::content::Content;
use super::words;
use crate::mapping::{MappedProcess, MappedStage, OwnProcess};

/// Places from which on a stage is late: the customer asks for an offer.
const LATE: u32 = 45;
/// Values beyond which a column holds no stages.
pub(super) const MOST_STAGES: usize = 40;

/// A proposed process with what the values mean in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proposal {
    pub(super) process: MappedProcess,
    pub(super) stages: BTreeMap<String, String>,
    pub(super) outcomes: BTreeMap<String, String>,
    pub(super) other_outcome: Option<String>,
    /// Whether the outcomes are read from the stage's column.
    pub(super) outcome_from_stage: bool,
    pub(super) why: Text2,
}

/// What is known of the stages beside their values.
#[derive(Debug)]
pub(super) struct Known<'a> {
    /// Chances of winning in per cent, by value.
    pub(super) chances: BTreeMap<String, u32>,
    /// Names of values that are numbers.
    pub(super) names: BTreeMap<String, String>,
    /// What the process would be called after.
    pub(super) title: &'a str,
}

/// A value of the stage's column.
struct Seen<'a> {
    value: &'a str,
    /// What it is called: the value itself, unless another table names it.
    name: &'a str,
    outcome: Option<&'static str>,
    percent: Option<u32>,
}

/// Proposes a process for the values that are stages, the most frequent first, and an outcome's column. Either may be
/// absent.
pub(super) fn propose(
    values: &[&str],
    outcome: Option<&Content<'_>>,
    known: &Known<'_>,
    processes: &[Process],
) -> Proposal {
    let own_outcomes = outcome.map(outcomes_of);
    let has_plain_win = values.iter().any(|value| words::outcome(value) == Some("won"));
    let seen: Vec<Seen<'_>> = values
        .iter()
        .take(MOST_STAGES)
        .map(|value| {
            let name = known.names.get(*value).map_or(*value, String::as_str);
            let perhaps = !has_plain_win && own_outcomes.is_none() && words::is_perhaps_won(name);
            let outcome = words::outcome(name).filter(|word| *word != "open");
            let outcome = outcome.or(perhaps.then_some("won"));
            Seen { value, name, outcome, percent: known.chances.get(*value).copied() }
        })
        .collect();
    let ends: BTreeMap<String, String> =
        seen.iter().filter_map(|seen| Some((seen.value.to_owned(), seen.outcome?.to_owned()))).collect();
    let (outcomes, other_outcome, outcome_from_stage) = match own_outcomes {
        Some(outcomes) => (outcomes, None, false),
        None if !ends.is_empty() => (ends, Some("open".to_owned()), true),
        None => (BTreeMap::new(), None, false),
    };
    let is_open = |seen: &&Seen<'_>| seen.outcome.is_none();
    let open: Vec<&Seen<'_>> = seen.iter().filter(is_open).collect();
    let fitting = processes.iter().map(|process| (process, fit(process, &seen))).filter(|(_, fit)| fit.is_near());
    if !open.is_empty()
        && let Some((process, fit)) = fitting.min_by_key(|(process, fit)| (fit.others.len(), process.stages.len()))
    {
        let (zh, en) = (&process.name.zh, &process.name.en);
        let why = match fit.others.as_slice() {
            [] => {
                Text2::new(format!("所有阶段都在流程“{zh}”里"), format!("all stages are those of the process “{en}”"))
            }
            others => {
                let names = others.join("”、“");
                Text2::new(
                    format!("除“{names}”外，阶段都在流程“{zh}”里：请为它选择阶段，否则这些商机的阶段未知"),
                    format!(
                        "all stages but “{}” are those of the process “{en}”: choose what it means, or the stage of \
                         its deals is unknown",
                        others.join("”, “")
                    ),
                )
            }
        };
        let stages = fit.stages;
        let process = MappedProcess::Key(process.key.clone());
        return Proposal { process, stages, outcomes, other_outcome, outcome_from_stage, why };
    }
    if open.is_empty() {
        let why = Text2::new("文件里没有阶段，使用现成的流程", "the file has no stages: a ready-made process is taken");
        let key = processes.first().map_or("b2b-seven", |process| process.key.as_str()).to_owned();
        let stages = seen.iter().map(|seen| (seen.value.to_owned(), String::new())).collect();
        return Proposal { process: MappedProcess::Key(key), stages, outcomes, other_outcome, outcome_from_stage, why };
    }
    let (process, stages, why) = own(&seen, known.title);
    Proposal { process: MappedProcess::Own(process), stages, outcomes, other_outcome, outcome_from_stage, why }
}

/// What the values of an outcome's column mean; those that mean nothing known are open.
fn outcomes_of(column: &Content<'_>) -> BTreeMap<String, String> {
    let plain = column.values.iter().any(|(value, _)| words::outcome(value) == Some("won"));
    let mean = |value: &str| {
        let perhaps = (!plain && words::is_perhaps_won(value)).then_some("won");
        words::outcome(value).or(perhaps).unwrap_or("open").to_owned()
    };
    column.values.iter().take(200).map(|(value, _)| ((*value).to_owned(), mean(value))).collect()
}

/// What values mean in a process.
struct Fit<'a> {
    stages: BTreeMap<String, String>,
    /// Stages of open deals that the process does have.
    own: usize,
    /// Those that it does not have.
    others: Vec<&'a str>,
}

impl Fit<'_> {
    /// Whether the process is the one that is meant: it has all stages, or all of several but one.
    fn is_near(&self) -> bool {
        self.others.is_empty() || (self.others.len() == 1 && self.own >= 4)
    }
}

fn fit<'a>(process: &Process, seen: &[Seen<'a>]) -> Fit<'a> {
    let mut fit = Fit { stages: BTreeMap::new(), own: 0, others: Vec::new() };
    for seen in seen {
        let words = [words::folded(seen.name), words::folded(words::core(seen.name))];
        let found = process.stages.iter().find(|stage| {
            [&stage.key, &stage.name.zh, &stage.name.en].into_iter().any(|name| words.contains(&words::folded(name)))
        });
        let end = match seen.outcome {
            Some("won") => process.first_of(StageKind::Won),
            _ => None,
        };
        let stage = found.or(end);
        match (stage, seen.outcome) {
            (Some(_), None) => fit.own += 1,
            (None, None) => fit.others.push(seen.value),
            // How it ended is told by the outcome; where it stood is not told.
            (_, Some(_)) => {}
        }
        fit.stages.insert(seen.value.to_owned(), stage.map_or_else(String::new, |stage| stage.key.clone()));
    }
    fit
}

/// A process of the values.
fn own(seen: &[Seen<'_>], name: &str) -> (OwnProcess, BTreeMap<String, String>, Text2) {
    let mut open: Vec<&Seen<'_>> = seen.iter().filter(|seen| seen.outcome.is_none()).collect();
    let why = order(&mut open);
    let mut stages: Vec<MappedStage> = Vec::new();
    let mut map = BTreeMap::new();
    for (at, seen) in open.iter().enumerate() {
        let core = words::core(seen.name);
        let mut key = slug(core);
        if key.is_empty() || key == "won" || stages.iter().any(|stage| stage.key == key) {
            key = format!("stage-{}", at + 1);
        }
        map.insert(seen.value.to_owned(), key.clone());
        let percent = seen.percent.filter(|percent| *percent <= 100);
        stages.push(MappedStage {
            key,
            name: Text2::new(core, core),
            kind: StageKind::Open,
            level: if is_late(seen, at, open.len()) { Level::High } else { Level::Low },
            role: StageRole::None,
            probability_percent: percent,
        });
    }
    levels_and_roles(&mut stages, &open);
    if let Some(won) = seen.iter().find(|seen| seen.outcome == Some("won")) {
        let core = words::core(won.name);
        let name = Text2::new(core, core);
        let (kind, level, role) = (StageKind::Won, Level::High, StageRole::None);
        stages.push(MappedStage { key: "won".to_owned(), name, kind, level, role, probability_percent: Some(100) });
    }
    for seen in seen.iter().filter(|seen| seen.outcome.is_some()) {
        let key = if seen.outcome == Some("won") { "won" } else { "" };
        map.insert(seen.value.to_owned(), key.to_owned());
    }
    let mut key = slug(name);
    if key.is_empty() {
        key = format!("stages-{:08x}", fingerprint(seen));
    }
    let name = Text2::new(format!("{name}的阶段"), format!("Stages of {name}"));
    (OwnProcess { key, name, stages }, map, why)
}

/// Puts the stages in order and says by what.
fn order(open: &mut [&Seen<'_>]) -> Text2 {
    let numbers: Vec<Option<u32>> = open.iter().map(|seen| words::leading_number(seen.name)).collect();
    let mut distinct: Vec<u32> = numbers.iter().flatten().copied().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if numbers.iter().all(Option::is_some) && distinct.len() == open.len() {
        open.sort_by_key(|seen| words::leading_number(seen.name));
        return Text2::new("按阶段名称里的编号排序", "in the order of the numbers in their names");
    }
    let percents: Vec<u32> = open.iter().filter_map(|seen| seen.percent).collect();
    if percents.len() == open.len() && percents.iter().any(|percent| *percent != percents[0]) {
        open.sort_by_key(|seen| (seen.percent, words::rank(words::core(seen.name))));
        return Text2::new("按文件里的赢率排序", "in the order of the file's own probabilities");
    }
    // A name that tells nothing stays where the file's most frequent values have it: at the middle.
    open.sort_by_key(|seen| words::rank(words::core(seen.name)).unwrap_or(LATE - 1));
    let unknown = open.iter().filter(|seen| words::rank(words::core(seen.name)).is_none()).count();
    if unknown == 0 {
        Text2::new("按阶段名称的含义排序", "in the order that their names tell")
    } else {
        Text2::new(
            format!("按阶段名称的含义排序；{unknown} 个阶段无法判断，请核对顺序"),
            format!("in the order that their names tell; {unknown} of them tell nothing, so check the order"),
        )
    }
}

fn is_late(seen: &Seen<'_>, at: usize, of: usize) -> bool {
    match (words::rank(words::core(seen.name)), seen.percent) {
        (Some(rank), _) => rank >= LATE,
        (None, Some(percent)) => percent >= 50,
        (None, None) => at * 2 >= of,
    }
}

/// No early stage follows a late one. Where the names tell it, late begins with the customer's will to buy, and the
/// stage after it is where we spend on the deal.
fn levels_and_roles(stages: &mut [MappedStage], open: &[&Seen<'_>]) {
    let Some(first) = stages.iter().position(|stage| stage.level == Level::High) else { return };
    for stage in &mut stages[first..] {
        stage.level = Level::High;
    }
    if words::rank(words::core(open[first].name)).is_some() {
        stages[first].role = StageRole::Intent;
        if let Some(next) = stages.get_mut(first + 1) {
            next.role = StageRole::Commit;
        }
    }
}

/// Small letters, digits and `-`, as keys are written; empty where a text has none.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= 48 {
            break;
        }
    }
    let slug = slug.trim_matches('-').to_owned();
    // A single letter or number left of a Chinese name says nothing.
    if slug.chars().filter(char::is_ascii_alphabetic).count() < 2 { String::new() } else { slug }
}

/// A number of the values, the same for the same stages.
fn fingerprint(seen: &[Seen<'_>]) -> u32 {
    let mut values: Vec<&str> = seen.iter().map(|seen| seen.value).collect();
    values.sort_unstable();
    let bytes = values.iter().flat_map(|value| value.bytes().chain([0]));
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(values: &[&str]) -> (String, Vec<String>) {
        let mut seen: Vec<Seen<'_>> = Vec::new();
        for value in values {
            let outcome = words::outcome(value).filter(|word| *word != "open");
            seen.push(Seen { value, name: value, outcome, percent: None });
        }
        let (process, ..) = own(&seen, "t");
        (
            process.stages.iter().map(|stage| stage.name.en.clone()).collect::<Vec<_>>().join(" > "),
            process.stages.iter().map(|stage| stage.key.clone()).collect(),
        )
    }

    #[test]
    fn stages_stand_in_a_plausible_order() {
        for (values, expected) in [
            (&["4-Close", "1-Qualify", "3-Propose", "2-Develop"][..], "Qualify > Develop > Propose > Close"),
            (
                &[
                    "Negotiation/Review",
                    "Closed Won",
                    "Prospecting",
                    "Value Proposition",
                    "Closed Lost",
                    "Qualification",
                ],
                "Prospecting > Qualification > Value Proposition > Negotiation/Review > Closed Won",
            ),
            (
                &["商务谈判", "线索", "赢单", "方案报价", "需求确认", "输单"],
                "线索 > 需求确认 > 方案报价 > 商务谈判 > 赢单",
            ),
            (&["合同签约", "初步接洽", "报价", "需求调研"], "初步接洽 > 需求调研 > 报价 > 合同签约"),
        ] {
            assert_eq!(keys(values).0, expected);
        }
        assert_eq!(keys(&["商务谈判", "线索"]).1, ["stage-1", "stage-2"]);
    }
}
