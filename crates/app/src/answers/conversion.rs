//! Conversion: of the deals that reached a stage in the period, how many went on; three readings side by side.

use std::collections::HashMap;

use journey::{Cause, Conversion};
use methods::conversion::conversion;
use methods::interval::Level;
use methods::ratio::BoundedRatio;
use methods::survival::{End, Spell, SpellHistogram};

use super::frame::Frame;
use crate::answer::{Answer, Cell, Column, Unit, why};
use crate::{AppError, Ask, Loudou, Result};

/// A question for conversions.
#[derive(Debug, Clone)]
pub struct ConversionAsk {
    /// What every question has.
    pub common: Ask,
    /// Days after reaching the stage at which the third reading is taken.
    pub horizon_days: u32,
}

/// Causes of Aalen–Johansen here: on to the next stage, or ended in any other way.
const FORWARD: u8 = 0;
const OTHERWISE: u8 = 1;
const CAUSES: u8 = 2;

impl Loudou {
    /// Cohort conversion stage by stage.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn conversion(&self, ask: &ConversionAsk) -> Result<Answer> {
        let mut asked = self.asked(&ask.common).await?;
        let from = asked.period();
        let tally = Conversion::between(from, asked.to);
        let reply = self.warehouse().await?.ask(&asked.question, &tally).await?;
        let frame = Frame::of(&reply, &ask.common.by);
        let mut cohorts: HashMap<(u64, u16), SpellHistogram> = HashMap::new();
        for (group, _, slot, spell, deals) in reply.cells.times() {
            let cohort = cohorts.entry((group, slot)).or_default();
            let count = u64::try_from(deals).unwrap_or(0);
            cohort.add(watched(spell), count).map_err(|error| AppError::system(error.to_string()))?;
        }
        let terms = asked
            .terms
            .with_words(
                "population",
                "到达：期内到达该阶段的商机（进入与跳过），是“全部”的分母",
                "deals that reached the stage in the period, entered and skipped; the denominator of “of all”",
            )
            .with_words("reach", "到达或越过：跳过的阶段也算", "reached or beyond: a skipped stage counts")
            .with_words("visit", "首次", "first")
            .with_words(
                "regress",
                "后退的商机仍在本批，另行计数",
                "a step back leaves the deal in its cohort and is counted apart",
            )
            .with("horizon_days", ask.horizon_days)
            .with_words(
                "interval",
                "Wilson 95 %；期限内用 Aalen–Johansen",
                "Wilson 95 %; Aalen–Johansen for the horizon",
            );
        let mut answer = frame.answer(("转化率", "Conversion"), terms, columns());
        for row in 0..frame.rows.len() {
            let (group, slot) = (frame.rows.group(row), frame.rows.code("slot", row));
            let Some(name) = frame.slots.get(usize::from(slot)).filter(|name| name.stage.is_some()) else { continue };
            let empty = SpellHistogram::default();
            let cohort = cohorts.get(&(group, slot)).unwrap_or(&empty);
            let reading = conversion(cohort, FORWARD, CAUSES, ask.horizon_days, Level::P95)
                .map_err(|error| AppError::system(error.to_string()))?;
            let mut cells = frame.group_cells(group);
            cells.push(name.cell());
            let population = frame.rows.count("entered", row) + frame.rows.count("skipped", row);
            cells.push(Cell::Int(population));
            cells.extend(COUNTS.iter().map(|(key, ..)| Cell::Int(frame.rows.count(key, row))));
            cells.extend(share(reading.of_all));
            cells.extend(share(reading.of_resolved));
            let horizon = reading.at_horizon;
            let reason = why::NOTHING_WATCHED;
            cells.push(Cell::or_undefined(horizon.map(|at| at.forward), reason));
            cells.push(Cell::or_undefined(horizon.and_then(|at| at.bounds).map(|bounds| bounds.lower), reason));
            cells.push(Cell::or_undefined(horizon.and_then(|at| at.bounds).map(|bounds| bounds.upper), reason));
            cells.push(Cell::or_undefined(horizon.map(|at| at.unresolved), reason));
            answer.push(cells);
        }
        answer.note(
            "“全部”把在途算作未转化，偏低；“已有结果”只看已了结的，可能偏高也可能偏低；“期限内”按 Aalen–Johansen 计入在途。",
            "“of all” counts pending deals as not gone on and is low; “of resolved” sees only what ended; “by the horizon” (Aalen–Johansen) uses pending deals for as long as they were watched.",
        );
        Ok(answer)
    }
}

const COUNTS: [(&str, &str, &str); 12] = [
    ("entered", "进入", "entered"),
    ("entered_directly", "直接进入", "created here"),
    ("skipped", "跳过", "skipped"),
    ("passed_directly", "在其后创建", "created beyond"),
    ("found", "起点未知", "start unknown"),
    ("forward", "前进", "went on"),
    ("lost", "丢单", "lost"),
    ("cancelled", "取消", "cancelled"),
    ("parked", "培育", "nurture"),
    ("deleted", "删除", "deleted"),
    ("pending", "在途", "pending"),
    ("regressed", "曾后退", "went back"),
];

fn columns() -> Vec<Column> {
    let mut columns = vec![Column::new("stage", "阶段", "stage", Unit::Text)];
    columns.push(Column::new("n", "到达", "reached", Unit::Count));
    columns.extend(COUNTS.iter().map(|(key, zh, en)| Column::new(key, zh, en, Unit::Count)));
    for (key, zh, en) in [
        ("of_all", "转化率（全部）", "of all"),
        ("of_all_lower", "下限", "lower"),
        ("of_all_upper", "上限", "upper"),
        ("of_resolved", "转化率（已有结果）", "of resolved"),
        ("of_resolved_lower", "下限", "lower"),
        ("of_resolved_upper", "上限", "upper"),
        ("at_horizon", "转化率（期限内）", "by the horizon"),
        ("at_horizon_lower", "下限", "lower"),
        ("at_horizon_upper", "上限", "upper"),
        ("unresolved_at_horizon", "期限时未决", "undecided then"),
    ] {
        columns.push(Column::new(key, zh, en, Unit::Share));
    }
    columns
}

fn share(ratio: Option<BoundedRatio>) -> [Cell; 3] {
    let reason = why::NOBODY_ENTERED;
    [
        Cell::or_undefined(ratio.map(|ratio| ratio.ratio.value()), reason),
        Cell::or_undefined(ratio.map(|ratio| ratio.bounds.lower), reason),
        Cell::or_undefined(ratio.map(|ratio| ratio.bounds.upper), reason),
    ]
}

fn watched(spell: journey::Spell) -> Spell {
    let end = match spell.cause {
        Cause::Censored => End::Open,
        Cause::Forward | Cause::Won => End::Cause(FORWARD),
        Cause::Back | Cause::Lost | Cause::Cancelled | Cause::Parked => End::Cause(OTHERWISE),
    };
    Spell { entry_days: spell.entry_days, exit_days: spell.exit_days, end }
}
