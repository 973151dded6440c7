//! Cells of answers as words, and the deals behind them.
//!
//! A cell is named the way the answer shows it: `stock;stage=lead`, `migration;from_stage=lead;to_stage=won`,
//! `bridge;line=won`, `winrate;outcome=won`, `conversion;stage=lead;reached=pending`, `dwell;stage=lead`,
//! `gauge;dial=4`, `gauge;part=won`. Of a grouped answer `by.DIMENSION=value` says in which group. Values may be percent-encoded. Every
//! analysis is asked by the very question and tally of its answer.

use std::collections::BTreeMap;

use domain::Day;
use domain::process::{Process, Stage, StageRole};
use journey::{
    Conversion, Destination, Dwell, Line, Migration, Origin, PickDecision, PickLine, PickMoves, PickReached, PickStock,
    PickVisits, Stock, ValuedAt,
};
use warehouse::{Found, Standing};

use crate::answers::gauges::GaugePlan;
use crate::answers::{bridge, winrate};
use crate::{AppError, Ask, Loudou, Result, Words};

/// A cell of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellAsk {
    analysis: String,
    values: BTreeMap<String, String>,
}

/// The analyses with the keys of their cells.
const ANALYSES: [(&str, &[&str]); 7] = [
    ("stock", &["stage"]),
    ("migration", &["from_stage", "to_stage", "amount"]),
    ("bridge", &["line", "due_from", "due_to", "path"]),
    ("winrate", &["outcome", "by_created"]),
    ("conversion", &["stage", "reached"]),
    ("dwell", &["stage", "open"]),
    ("gauge", &["dial", "part"]),
];

fn wrong(message: String, hint: impl Into<Words>) -> AppError {
    AppError::input(message).hint(hint)
}

impl CellAsk {
    /// Reads a cell.
    ///
    /// # Errors
    /// It names no analysis, or a key that its cells do not have.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
        let analysis = parts.next().unwrap_or_default();
        let known: Vec<&str> = ANALYSES.iter().map(|(name, _)| *name).collect();
        let Some((_, keys)) = ANALYSES.iter().find(|(name, _)| *name == analysis) else {
            return Err(wrong(
                format!("the cell `{text}` is of no analysis"),
                format!("begin it with {}", known.join(", ")),
            ));
        };
        let mut values = BTreeMap::new();
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            if !keys.contains(&key) && !key.starts_with("by.") {
                return Err(wrong(
                    format!("a cell of `{analysis}` has no `{key}`"),
                    format!("it has {}, and by.DIMENSION of a grouped answer", keys.join(", ")),
                ));
            }
            if values.insert(key.to_owned(), decoded(value)?).is_some() {
                return Err(wrong(format!("the cell names `{key}` twice"), "name each key once"));
            }
        }
        Ok(Self { analysis: analysis.to_owned(), values })
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn is(&self, key: &str) -> Result<bool> {
        match self.get(key) {
            None | Some("no" | "false") => Ok(false),
            Some("yes" | "true") => Ok(true),
            Some(other) => Err(wrong(format!("`{key}` of a cell is `{other}`"), "write yes or no")),
        }
    }

    fn day(&self, key: &str) -> Result<Option<Day>> {
        let Some(text) = self.get(key) else { return Ok(None) };
        Day::parse(text)
            .map(Some)
            .ok_or_else(|| wrong(format!("`{key}` of a cell is no date: `{text}`"), "write it as 2026-11-23"))
    }

    fn due(&self) -> Result<Option<(Day, Day)>> {
        match (self.day("due_from")?, self.day("due_to")?) {
            (Some(from), Some(to)) => Ok(Some((from, to))),
            (None, None) => Ok(None),
            _ => {
                Err(wrong("a cell says only one end of what is due".to_owned(), "give due_from and due_to, or neither"))
            }
        }
    }

    /// The question's dimensions that the cell names, and its group among them.
    fn group(&self) -> (Vec<String>, Vec<Option<String>>) {
        let named = self.values.iter().filter_map(|(key, value)| Some((key.strip_prefix("by.")?, value)));
        named.map(|(key, value)| (key.to_owned(), (!value.is_empty()).then(|| value.clone()))).unzip()
    }
}

/// `%XX` as its byte.
fn decoded(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match (first, code.and_then(|code| u8::from_str_radix(code, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong(format!("`{text}` in a cell is no text"), "percent-encode UTF-8"))
}

impl Loudou {
    /// The deals behind a cell of the answer to `ask`.
    pub(crate) async fn behind(&self, ask: &Ask, cell: &CellAsk) -> Result<Found> {
        let (by, group) = cell.group();
        let ask = Ask { by, ..ask.clone() };
        if cell.analysis == "gauge" {
            return self.find_gauge(&ask, group, cell).await;
        }
        let mut asked = self.asked(&ask).await?;
        let warehouse = self.warehouse().await?;
        let question = asked.question.clone();
        let own = cell.clone();
        match cell.analysis.as_str() {
            "stock" => {
                let choose = move |at: &Standing<'_>| match own.get("stage") {
                    None => Ok::<_, AppError>(PickStock((0..at.slots.open_count()).collect())),
                    Some(key) => Ok(PickStock(vec![slot(at, key)?])),
                };
                warehouse.find(&question, &Stock::on(asked.as_of), group, choose).await
            }
            "migration" => {
                let from = asked.opening();
                let choose = move |at: &Standing<'_>| moves(at, &own);
                warehouse.find(&question, &Migration { from, to: asked.to }, group, choose).await
            }
            "bridge" => {
                let from = asked.opening();
                let tally = bridge::tally(&asked, from, cell.due()?, cell.is("path")?);
                let line = line(cell)?;
                warehouse.find(&question, &tally, group, move |_| Ok(PickLine(line))).await
            }
            "winrate" => {
                let tally = winrate::tally(asked.period(), vec![asked.to], cell.is("by_created")?);
                let decision = decision(cell)?;
                warehouse.find(&question, &tally, group, move |_| Ok(decision)).await
            }
            "conversion" => {
                let tally = Conversion::between(asked.period(), asked.to);
                let choose = move |at: &Standing<'_>| reached(slot(at, own.get("stage").unwrap_or_default())?, &own);
                warehouse.find(&question, &tally, group, choose).await
            }
            _ => {
                let (tally, open_only) = (Dwell { from: asked.period(), to: asked.to }, cell.is("open")?);
                let choose = move |at: &Standing<'_>| {
                    Ok(PickVisits { slot: slot(at, own.get("stage").unwrap_or_default())?, open_only })
                };
                warehouse.find(&question, &tally, group, choose).await
            }
        }
    }

    /// A dial is made of what is won and of what is open and due from a stage on; what is won, or decided, in its
    /// period is no dial's own.
    async fn find_gauge(&self, ask: &Ask, group: Vec<Option<String>>, cell: &CellAsk) -> Result<Found> {
        let GaugePlan { asked, won, due, .. } = self.gauge_plan(ask).await?;
        let (decided, with_open) = match cell.get("part") {
            None => (Some("won"), true),
            Some(word @ ("won" | "decided")) => (Some(word), false),
            Some("open") => (None, true),
            Some(other) => {
                return Err(wrong(
                    format!("a dial has no part `{other}`"),
                    "write part=won, part=decided or part=open, or leave it out",
                ));
            }
        };
        let role = match cell.get("dial") {
            Some("4") => StageRole::Intent,
            Some("5") => StageRole::Commit,
            None if !with_open => StageRole::None,
            _ => return Err(wrong("a gauge has no such dial".to_owned(), "write dial=4 or dial=5")),
        };
        let warehouse = self.warehouse().await?;
        let from_role = move |at: &Standing<'_>| Ok::<_, AppError>(PickStock(slots_from(at, role)));
        let Some(word) = decided else {
            return warehouse.find(&asked.question, &due, group, from_role).await;
        };
        let pick = decision_named(word)?;
        let choose = move |_: &Standing<'_>| Ok::<_, AppError>(pick);
        let ended = warehouse.find(&asked.question, &won, group.clone(), choose).await?;
        if !with_open {
            return Ok(ended);
        }
        Ok(ended.with(warehouse.find(&asked.question, &due, group, from_role).await?))
    }
}

/// The open slots from the stage with a role on.
fn slots_from(at: &Standing<'_>, role: StageRole) -> Vec<u16> {
    let order = at.process.and_then(|process: &Process| process.stage_of_role(role)).map(|stage| stage.order);
    let is_from = |stage: &Option<Stage>| stage.as_ref().zip(order).is_some_and(|(stage, order)| stage.order >= order);
    (0..).zip(at.stages).filter(|(_, stage)| is_from(stage)).map(|(slot, _)| slot).collect()
}

/// The slot of a stage by its key; `unknown` is the unknown stage.
fn slot(at: &Standing<'_>, key: &str) -> Result<u16> {
    let is = |stage: &Option<Stage>| stage.as_ref().map_or("unknown", |stage| stage.key.as_str()) == key;
    let found = at.stages.iter().position(is).and_then(|slot| u16::try_from(slot).ok());
    found.ok_or_else(|| {
        let keys: Vec<_> = at.stages.iter().flatten().map(|stage| stage.key.as_str()).collect();
        wrong(format!("the process has no open stage `{key}`"), format!("open stages are: {}", keys.join(", ")))
    })
}

fn moves(at: &Standing<'_>, cell: &CellAsk) -> Result<PickMoves> {
    let from = match cell.get("from_stage") {
        None => None,
        Some(word) => match Origin::OUTSIDE.into_iter().find(|origin| origin.as_str() == word) {
            Some(outside) => Some(outside),
            None => Some(Origin::Slot(slot(at, word)?)),
        },
    };
    let to = match cell.get("to_stage") {
        None => None,
        Some(word) => match Destination::OUTSIDE.into_iter().find(|to| to.as_str() == word) {
            Some(outside) => Some(outside),
            None => Some(Destination::Slot(slot(at, word)?)),
        },
    };
    let valued_at = match cell.get("amount") {
        None | Some("to") => ValuedAt::To,
        Some("from") => ValuedAt::From,
        Some(other) => {
            return Err(wrong(format!("a migration has no amount `{other}`"), "write amount=from or amount=to"));
        }
    };
    Ok(PickMoves { from, to, valued_at })
}

fn line(cell: &CellAsk) -> Result<Line> {
    let word = cell.get("line").unwrap_or_default();
    Line::ALL.into_iter().find(|line| line.as_str() == word).ok_or_else(|| {
        let words: Vec<_> = Line::ALL.map(Line::as_str).to_vec();
        wrong(format!("a bridge has no line `{word}`"), format!("lines are: {}", words.join(", ")))
    })
}

fn decision(cell: &CellAsk) -> Result<PickDecision> {
    decision_named(cell.get("outcome").unwrap_or_default())
}

fn decision_named(word: &str) -> Result<PickDecision> {
    PickDecision::named(word).ok_or_else(|| {
        let words: Vec<_> = PickDecision::words().collect();
        wrong(format!("a win rate has no outcome `{word}`"), format!("outcomes are: {}", words.join(", ")))
    })
}

fn reached(slot: u16, cell: &CellAsk) -> Result<PickReached> {
    let words: &[&str] = match cell.get("reached") {
        None => &["entered", "skipped"],
        Some("yes") => &["forward"],
        Some("no") => &["lost", "cancelled", "parked", "deleted"],
        Some(word) => &[word],
    };
    PickReached::named(slot, words).ok_or_else(|| {
        let known = format!("write yes, no, or one of {}", PickReached::WORDS.join(", "));
        wrong(format!("a conversion does not count `{}`", words.join(", ")), known)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_strictly() {
        let cell = CellAsk::parse("migration;from_stage=lead;by.region=A%3BB%3D%E5%8D%8E;by.owner=").expect("a cell");
        assert_eq!(cell.get("from_stage"), Some("lead"));
        assert_eq!(
            cell.group(),
            (vec!["owner".to_owned(), "region".to_owned()], vec![None, Some("A;B=华".to_owned())])
        );
        for (text, expected) in [
            ("", "of no analysis"),
            ("sql;stage=lead", "of no analysis"),
            ("stock;line=won", "has no `line`"),
            ("stock;stage=a;stage=b", "twice"),
            ("stock;stage=%ff", "is no text"),
        ] {
            let error = CellAsk::parse(text).expect_err(text).to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert_eq!(decoded("100%").expect("a text"), "100%");
    }
}
