//! The rules that a process must keep, one function a rule.
//!
//! They are apart from reading, so that a process built by a program (found in foreign data, say)
//! meets the same rules as one that a person wrote.

use std::collections::BTreeSet;

use super::facts::is_kept_by_moves;
use super::issue::{Findings, Place, ProcessIssue, Rule};
use super::stage::{Level, Stage, StageKind, StageRole};
use super::{Detail, Fact, FactType, Process, ReasonBook, ValueKind};
use crate::field::named;
use crate::id::Kind;
use crate::words::Text2;

const HUNDRED_PERCENT_PPM: i32 = 1_000_000;

/// Longest key: it becomes part of options, URLs and file names.
const MAX_KEY: usize = 64;

/// Everything that is wrong with a process; empty when it is sound.
#[must_use]
pub fn check(process: &Process) -> Vec<ProcessIssue> {
    let mut found = Findings::default();
    all(process, ReasonBook::common(), &mut found);
    found.0
}

pub(super) fn all(process: &Process, common: &ReasonBook, found: &mut Findings) {
    keys(process, found);
    numbers(process, found);
    references(process, found);
    orders(process, found);
    roles(process, found);
    levels(process, found);
    probabilities(process, found);
    texts(process, found);
    reasons(process, common, found);
    facts(&process.facts, found);
    for stage in &process.stages {
        exit(process, stage, found);
    }
    if process.detail == Detail::Full {
        full(process, found);
    }
}

/// Notes keys that are written wrongly or occur twice.
fn key_set<'a>(keys: impl Iterator<Item = (&'a str, Place)>, what: &str, found: &mut Findings) {
    let mut seen = BTreeSet::new();
    for (key, place) in keys {
        let well = !key.is_empty()
            && key.len() <= MAX_KEY
            && key.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c));
        if !well {
            found.add(
                place.clone(),
                Rule::Key,
                format!("{key:?} is no key of a {what}"),
                format!("use 1 to {MAX_KEY} small letters, digits, `_` and `-`"),
            );
        }
        if !seen.insert(key) {
            found.add(
                place,
                Rule::Duplicate,
                format!("there are two of the {what} {key:?}"),
                "give one of them another key",
            );
        }
    }
}

fn keys(process: &Process, found: &mut Findings) {
    key_set([(process.key.as_str(), Place::process("key"))].into_iter(), "process", found);
    let stages = process.stages.iter().map(|s| (s.key.as_str(), Place::stage(&s.key, "key")));
    let inserts = process.inserts.iter().map(|i| (i.key.as_str(), Place::process("inserts.key")));
    key_set(stages.chain(inserts), "stage", found);
    let settings = process.settings.iter().map(|s| (s.key.as_str(), Place::process("settings.key")));
    key_set(settings, "setting", found);
    for stage in &process.stages {
        let place = |field: &str| Place::stage(&stage.key, field);
        let actions = stage.actions.iter().map(|a| (a.key.as_str(), place("actions.key")));
        key_set(actions, "action", found);
        let metrics = stage.metrics.iter().map(|m| (m.key.as_str(), place("metrics.key")));
        key_set(metrics, "metric", found);
    }
}

fn numbers(process: &Process, found: &mut Findings) {
    for (field, number) in [
        ("version", Some(process.version)),
        ("cycle_days", process.cycle_days),
        ("ratio_wins", Some(process.ratio_wins)),
    ] {
        if number == Some(0) {
            let why = format!("{field} is 0");
            found.add(Place::process(field), Rule::Number, why, "give a number from 1");
        }
    }
}

fn references(process: &Process, found: &mut Findings) {
    let known: Vec<&str> = process.stages.iter().map(|stage| stage.key.as_str()).collect();
    let named = (process.top.iter().map(|key| ("top", key)))
        .chain(process.direct_entry.iter().map(|key| ("direct_entry", key)))
        .chain(process.inserts.iter().flat_map(|i| [("inserts", &i.after), ("inserts", &i.before)]))
        .chain(process.benchmarks.iter().flat_map(|b| [("benchmarks", &b.from), ("benchmarks", &b.to)]));
    for (field, key) in named {
        if !known.contains(&key.as_str()) {
            found.add(
                Place::process(field),
                Rule::Reference,
                format!("there is no stage {key:?}"),
                format!("name one of {}", known.join(", ")),
            );
        }
    }
    for key in process.top.iter().chain(&process.direct_entry) {
        if process.stage(key).is_some_and(|stage| stage.kind != StageKind::Open) {
            found.add(
                Place::stage(key, "kind"),
                Rule::Reference,
                "the top of the funnel and direct entries are open stages, this is none",
                "take it out of `top` or `direct_entry`",
            );
        }
    }
}

/// Strictly ascending; the way runs open, won, after the sale.
fn orders(process: &Process, found: &mut Findings) {
    for pair in process.stages.windows(2) {
        if pair[1].order <= pair[0].order {
            found.add(
                Place::stage(&pair[1].key, "order"),
                Rule::Order,
                format!("its order {} does not come after {} of stage {}", pair[1].order, pair[0].order, pair[0].key),
                "number the stages upwards in the order in which they are written",
            );
        }
    }
    let rank = |kind: StageKind| match kind {
        StageKind::Open => 0,
        StageKind::Won => 1,
        _ => 2,
    };
    let path: Vec<&Stage> = process.path().collect();
    for pair in path.windows(2) {
        if rank(pair[1].kind) < rank(pair[0].kind) {
            found.add(
                Place::stage(&pair[1].key, "kind"),
                Rule::Order,
                format!("a stage of kind {} follows one of kind {}", pair[1].kind.as_str(), pair[0].kind.as_str()),
                "put open stages first, then the won one, then those after the sale",
            );
        }
    }
    if process.first_of(StageKind::Open).is_none() {
        found.add(
            Place::process("stages"),
            Rule::Missing,
            "there is no open stage",
            "add at least one stage of kind open",
        );
    }
}

fn roles(process: &Process, found: &mut Findings) {
    for (role, word) in [(StageRole::Intent, "intent"), (StageRole::Commit, "commit")] {
        let with_role: Vec<&Stage> = process.stages.iter().filter(|s| s.role == role).collect();
        for stage in with_role.iter().skip(1) {
            found.add(
                Place::stage(&stage.key, "role"),
                Rule::Duplicate,
                format!("stage {} has the role {word} already", with_role[0].key),
                "keep the role on the first of them",
            );
        }
        for stage in with_role.iter().filter(|stage| stage.kind != StageKind::Open) {
            found.add(
                Place::stage(&stage.key, "role"),
                Rule::Order,
                format!("a stage of kind {} has the role {word}", stage.kind.as_str()),
                "give the role to an open stage",
            );
        }
    }
    let Some(commit) = process.stage_of_role(StageRole::Commit) else { return };
    let before = process.intent_order().is_some_and(|intent| intent < commit.order);
    if !before {
        found.add(
            Place::stage(&commit.key, "role"),
            Rule::Order,
            "commit needs a stage with the role intent before it",
            "mark the stage where the customer clearly means to buy with role = \"intent\"",
        );
    }
}

/// High begins at intent; without it, no low stage follows a high one.
fn levels(process: &Process, found: &mut Findings) {
    let intent = process.intent_order();
    let mut high_seen = false;
    for stage in process.path() {
        let high = stage.level == Level::High;
        let wrong = match intent {
            Some(intent) => high != (stage.order >= intent),
            None => high_seen && !high,
        };
        high_seen |= high;
        if wrong {
            let is = if high { "high" } else { "low" };
            found.add(
                Place::stage(&stage.key, "level"),
                Rule::Level,
                format!("its level {is} does not fit: high begins at the stage with role intent"),
                "make stages before intent low, and those from it on high",
            );
        }
    }
}

fn probabilities(process: &Process, found: &mut Findings) {
    let mut range = |place: Place, ppm: Option<i32>| {
        if ppm.is_some_and(|ppm| !(0..=HUNDRED_PERCENT_PPM).contains(&ppm)) {
            found.add(place, Rule::Probability, "it is outside 0 to 100 per cent", "give 0 to 100");
        }
    };
    for stage in &process.stages {
        range(Place::stage(&stage.key, "probability_percent"), stage.probability_ppm);
    }
    for insert in &process.inserts {
        range(Place::process("inserts.probability_from_percent"), Some(insert.probability_from_ppm));
        range(Place::process("inserts.probability_to_percent"), Some(insert.probability_to_ppm));
    }
    for benchmark in &process.benchmarks {
        range(Place::process("benchmarks.percent"), Some(benchmark.share_ppm));
    }
    for stage in &process.stages {
        let must = match stage.kind {
            StageKind::Won | StageKind::Post => HUNDRED_PERCENT_PPM,
            StageKind::Lost | StageKind::Cancelled => 0,
            StageKind::Open | StageKind::Parked => continue,
        };
        // A stage that ends the deal need not say so again, unless it is the won one.
        let fine =
            stage.probability_ppm == Some(must) || (stage.probability_ppm.is_none() && stage.kind != StageKind::Won);
        if !fine {
            found.add(
                Place::stage(&stage.key, "probability_percent"),
                Rule::Probability,
                format!("a stage of kind {} has another probability", stage.kind.as_str()),
                format!("give {}", must / 10_000),
            );
        }
    }
}

fn text(text: Option<&Text2>, place: &Place, found: &mut Findings) {
    let Some(text) = text else { return };
    for (lang, words) in [("zh", &text.zh), ("en", &text.en)] {
        if words.trim().is_empty() {
            let place = Place { field: format!("{}.{lang}", place.field), ..place.clone() };
            found.add(place, Rule::Text, "the text is empty", "write it in both languages");
        }
    }
}

fn texts(process: &Process, found: &mut Findings) {
    text(Some(&process.name), &Place::process("name"), found);
    text(process.description.as_ref(), &Place::process("description"), found);
    for insert in &process.inserts {
        text(Some(&insert.name), &Place::process("inserts.name"), found);
    }
    for setting in &process.settings {
        text(Some(&setting.name), &Place::process("settings.name"), found);
    }
    for stage in &process.stages {
        let place = |field: &str| Place::stage(&stage.key, field);
        text(Some(&stage.name), &place("name"), found);
        for (field, value) in [
            ("group", &stage.group),
            ("purpose", &stage.purpose),
            ("customer_state", &stage.customer_state),
            ("milestone", &stage.milestone),
            ("evidence", &stage.evidence),
        ] {
            text(value.as_ref(), &place(field), found);
        }
        for metric in &stage.metrics {
            text(Some(&metric.name), &place(&format!("metrics.{}", metric.key)), found);
        }
        for action in &stage.actions {
            text(Some(&action.text), &place(&format!("actions.{}", action.key)), found);
        }
        text(stage.exit.as_ref().map(|exit| &exit.sentence), &place("exit.sentence"), found);
        for question in &stage.questions {
            text(Some(&question.text), &place("questions"), found);
        }
    }
}

fn reasons(process: &Process, common: &ReasonBook, found: &mut Findings) {
    common.check_more(&process.reasons, found);
    for reason in &process.reasons {
        text(Some(&reason.name), &Place::process(format!("reasons.{}", reason.code)), found);
    }
}

/// What an exit names must exist.
fn exit(process: &Process, stage: &Stage, found: &mut Findings) {
    let Some(exit) = &stage.exit else { return };
    let place = |field: &str| Place::stage(&stage.key, field);
    for key in exit.actions.iter().filter(|key| stage.action(key).is_none()) {
        found.add(
            place("exit.actions"),
            Rule::Reference,
            format!("the stage has no action {key:?}"),
            "name an action of this stage, or add it",
        );
    }
    for key in &exit.metrics {
        if !stage.metrics.iter().any(|metric| metric.key == *key) {
            found.add(
                place("exit.metrics"),
                Rule::Reference,
                format!("the stage has no metric {key:?}"),
                "name a metric of this stage, or add it",
            );
        }
    }
    let fields = exit.fields.iter().map(|field| (field.as_str(), place("exit.fields")));
    key_set(fields, "field", found);
    let of_expr = exit.expr.iter().flat_map(|expr| expr.fields()).map(|field| ("exit.expr", field));
    let of_fields = exit.fields.iter().map(|field| ("exit.fields", field.as_str()));
    for (at, field) in of_fields.chain(of_expr).filter(|(_, field)| is_kept_by_moves(field)) {
        found.add(
            place(at),
            Rule::Reference,
            format!("{field:?} is what moves leave, and nobody can fill it in"),
            "take it out, or ask for another fact",
        );
    }
    let asked: BTreeSet<&str> = process
        .stages
        .iter()
        .filter_map(|stage| stage.exit.as_ref())
        .flat_map(|exit| exit.fields.iter().map(String::as_str))
        .collect();
    let Some(expr) = &exit.expr else { return };
    let unknown = |name: &str| {
        let is_told = asked.contains(name) || is_kept_by_moves(name) || process.fact(name).is_some();
        !is_told && named(Kind::Opportunity, name).is_none()
    };
    let unknown: Vec<&str> = expr.fields().into_iter().filter(|name| unknown(name)).collect();
    for field in &unknown {
        found.add(
            place("exit.expr"),
            Rule::Reference,
            format!("no deal has the field {field:?}, and no exit asks for it"),
            "ask for it in `fields` of an exit, describe it in `[[facts]]`, or use a built-in field",
        );
    }
    let kind = |name: &str| match named(Kind::Opportunity, name) {
        Some(field) => ValueKind::of(field.ty),
        None => Some(process.fact_type(name).unwrap_or_default().kind()),
    };
    if let (true, Some(fault)) = (unknown.is_empty(), expr.fault(&kind)) {
        found.add(
            place("exit.expr"),
            Rule::Expr,
            format!("{expr} can never hold: {fault}"),
            "compare each field with what stands in it; `[[facts]]` gives a fact its type",
        );
    }
}

/// What a process describes as facts.
pub(super) fn facts(facts: &[Fact], found: &mut Findings) {
    let place = |key: &str, field: &str| Place::process(format!("facts.{key}{field}"));
    key_set(facts.iter().map(|fact| (fact.key.as_str(), place(&fact.key, ""))), "fact", found);
    for fact in facts {
        if named(Kind::Opportunity, &fact.key).is_some() || is_kept_by_moves(&fact.key) {
            found.add(
                place(&fact.key, ""),
                Rule::Duplicate,
                format!("{:?} is what every deal has already", fact.key),
                "take the description out, or use another key",
            );
        }
        text(Some(&fact.name), &place(&fact.key, ".name"), found);
        let choices = fact.choices.iter().map(|choice| (choice.key.as_str(), place(&fact.key, ".choices")));
        key_set(choices, "choice", found);
        for choice in &fact.choices {
            text(Some(&choice.name), &place(&fact.key, &format!(".choices.{}", choice.key)), found);
        }
        if (fact.ty == FactType::Choice) == fact.choices.is_empty() {
            found.add(
                place(&fact.key, ".choices"),
                Rule::Missing,
                "choices belong to a fact of type choice, and only to it",
                "add `[[facts.choices]]` and type = \"choice\", or take both out",
            );
        }
    }
}

/// What people work by must be there.
fn full(process: &Process, found: &mut Findings) {
    let won = process.stages.iter().filter(|stage| stage.kind == StageKind::Won).count();
    if won != 1 {
        found.add(
            Place::process("stages"),
            Rule::Missing,
            format!("a full process has one stage of kind won, this has {won}"),
            "keep one won stage; what follows the sale is of kind post",
        );
    }
    for (field, missing) in [
        ("cycle_days", process.cycle_days.is_none()),
        ("top", process.top.is_empty()),
        ("description", process.description.is_none()),
    ] {
        if missing {
            missing_in_full(Place::process(field), found);
        }
    }
    for stage in process.path() {
        for (field, missing) in [
            ("probability_percent", stage.probability_ppm.is_none()),
            ("stay_days", stage.stay_days.is_none()),
            ("ratio", stage.ratio.is_none()),
            ("forecast", stage.forecast.is_none()),
            ("purpose", stage.purpose.is_none()),
            ("customer_state", stage.customer_state.is_none()),
            ("milestone", stage.milestone.is_none()),
            ("evidence", stage.evidence.is_none()),
            ("actions", stage.actions.is_empty()),
            ("exit", stage.exit.as_ref().is_none_or(super::Exit::is_empty)),
            ("questions", stage.questions.is_empty()),
        ] {
            if missing {
                missing_in_full(Place::stage(&stage.key, field), found);
            }
        }
    }
}

fn missing_in_full(place: Place, found: &mut Findings) {
    let why = format!("a full process must give {}", place.field);
    found.add(place, Rule::Missing, why, "add it, or declare the process detail = \"lean\"");
}
