//! Migration: from which stage to which, between two days or week by week; and the inflow of one stage.

use std::collections::HashMap;

use domain::Day;
use domain::calendar::Grain;
use journey::{Destination, Migration, MigrationSeries, Origin};

use super::frame::Frame;
use crate::answer::{Answer, Cell, Column, Terms, Unit};
use crate::{AppError, Ask, Loudou, Result};

/// A question for migrations.
#[derive(Debug, Clone)]
pub struct MigrationAsk {
    /// What every question has.
    pub common: Ask,
    /// A series of this many ISO weeks up to the last day instead of one pair of days.
    pub weeks: Option<u32>,
    /// Only what flowed into this stage.
    pub into: Option<String>,
}

impl Loudou {
    /// Deals and amounts by where they were and where they are.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn migration(&self, ask: &MigrationAsk) -> Result<Answer> {
        if ask.weeks.is_some() && ask.common.from.is_some() {
            return Err(AppError::input((
                "按周的序列从最后一天往回数，没有第一天",
                "a series of weeks counts back from the last day and has no first day",
            ))
            .hint(("周数与开始日只给一个", "give either a number of weeks or a first day")));
        }
        let mut asked = self.asked(&ask.common).await?;
        let warehouse = self.warehouse().await?;
        let (frame, ends) = match ask.weeks {
            Some(weeks) => {
                let ends = week_ends(&asked.to, weeks);
                let tally = MigrationSeries::new(ends.clone());
                (Frame::of(&warehouse.ask(&asked.question, &tally).await?, &ask.common.by), ends)
            }
            None => {
                let from = asked.opening();
                let reply = warehouse.ask(&asked.question, &Migration { from, to: asked.to }).await?;
                (Frame::of(&reply, &ask.common.by), vec![from, asked.to])
            }
        };
        asked.from = ends.first().copied();
        asked.period();
        let into = match &ask.into {
            Some(key) => Some(slot_of(&frame, key)?),
            None => None,
        };
        Ok(answer(asked.terms, &frame, &ends, ask.weeks.is_some(), into))
    }
}

/// The answer from movements between the ends of periods: of weeks, or of one pair of days.
pub(super) fn answer(terms: Terms, frame: &Frame, ends: &[Day], weekly: bool, into: Option<u16>) -> Answer {
    let opening = ends.first().copied().unwrap_or(Day(0));
    let terms = terms
        .with_words("opening", &format!("{opening} 日终存量"), format!("stock at the end of {opening}"))
        .with_words(
            "population",
            "首尾任一日终进行中的商机，以及其间来了又走的",
            "open at the end of either day, and what came and went between",
        )
        .with("every", weekly.then(|| super::grain_word(Grain::Week)))
        .with_words(
            "amounts",
            "期初金额按首日，期末金额按末日",
            "before: as they were on the first day; after: as they are on the last day",
        );
    let mut answer = frame.answer(("阶段迁移", "Stage migration"), terms, columns(into.is_some()));
    fill(&mut answer, frame, ends, into);
    if !weekly {
        answer.sum_up(&["deals", "amount_from_minor", "amount_to_minor"]);
    }
    answer
}

/// The ends of the last `weeks` ISO weeks up to `to`, and the end of the week before them.
pub(super) fn week_ends(to: &Day, weeks: u32) -> Vec<Day> {
    let weeks = i32::try_from(weeks).unwrap_or(i32::MAX / 7);
    let last_sunday = to.week_start().plus(-1);
    let mut ends: Vec<Day> = (0..weeks).rev().map(|back| last_sunday.plus(-7 * back)).collect();
    if last_sunday < *to {
        ends.push(*to);
    }
    ends
}

pub(super) fn slot_of(frame: &Frame, key: &str) -> Result<u16> {
    let found = frame.slots.iter().position(|slot| slot.key == key).and_then(|slot| u16::try_from(slot).ok());
    found.ok_or_else(|| {
        let keys: Vec<_> = frame.slots.iter().map(|slot| slot.key.as_str()).collect();
        AppError::input((format!("流程没有进行中的阶段“{key}”"), format!("the process has no open stage `{key}`")))
            .hint((format!("进行中的阶段有：{}", keys.join("、")), format!("open stages are: {}", keys.join(", "))))
    })
}

fn columns(inflow: bool) -> Vec<Column> {
    let mut columns = vec![
        Column::new("from_day", "自", "from", Unit::Date),
        Column::new("to_day", "截至", "to", Unit::Date),
        Column::new("from_stage", "原阶段", "from stage", Unit::Text),
        Column::new("to_stage", "现阶段", "to stage", Unit::Text),
        Column::new("deals", "商机数", "deals", Unit::Count).with_bar(),
        Column::new("amount_from_minor", "期初金额", "amount before", Unit::AmountMinor),
        Column::new("amount_to_minor", "期末金额", "amount after", Unit::AmountMinor),
    ];
    if inflow {
        columns.push(Column::new("inflow_share", "流入占比", "share of inflow", Unit::Share));
    }
    columns
}

fn fill(answer: &mut Answer, frame: &Frame, ends: &[Day], into: Option<u16>) {
    let rows = &frame.rows;
    let period = |row: usize| if rows.has("period") { rows.number("period", row) as usize } else { 0 };
    let flows_in = |row: usize| into.is_none_or(|slot| rows.code("to", row) == slot && rows.code("from", row) != slot);
    let kept: Vec<usize> = (0..rows.len()).filter(|row| flows_in(*row)).collect();
    let mut sources: HashMap<(u64, usize), Vec<i128>> = HashMap::new();
    for row in &kept {
        let deals = i128::from(rows.count("deals", *row));
        sources.entry((rows.group(*row), period(*row))).or_default().push(deals);
    }
    for row in kept {
        let mut cells = frame.group_cells(rows.group(row));
        cells.extend([
            Cell::Date(ends.get(period(row)).copied().unwrap_or(Day(0))),
            Cell::Date(ends.get(period(row) + 1).copied().unwrap_or(Day(0))),
            origin(frame, rows.code("from", row)),
            destination(frame, rows.code("to", row)),
            Cell::Int(rows.count("deals", row)),
            Cell::Minor(rows.money("amount_from_minor", row)),
            Cell::Minor(rows.money("amount_to_minor", row)),
        ]);
        if into.is_some() {
            let total = methods::movement::inflow(&sources[&(rows.group(row), period(row))]).total;
            cells.push(Cell::share(i128::from(rows.count("deals", row)), total));
        }
        answer.push(cells);
    }
}

fn named(zh: &str, key: &str) -> Cell {
    Cell::Name { zh: zh.to_owned(), en: key.replace('_', " "), key: key.to_owned() }
}

fn origin(frame: &Frame, code: u16) -> Cell {
    match Origin::from_code(code) {
        Some(Origin::Slot(slot)) => frame.slots[usize::from(slot)].cell(),
        Some(Origin::New) => named("新增", "new"),
        Some(Origin::Reopened) => named("重新打开", "reopened"),
        Some(Origin::Resumed) => named("恢复", "resumed"),
        Some(Origin::TransferredIn) | None => named("转入", "transferred_in"),
    }
}

fn destination(frame: &Frame, code: u16) -> Cell {
    match Destination::from_code(code) {
        Some(Destination::Slot(slot)) => frame.slots[usize::from(slot)].cell(),
        Some(Destination::Won) => named("赢单", "won"),
        Some(Destination::Lost) => named("丢单", "lost"),
        Some(Destination::Cancelled) => named("取消", "cancelled"),
        Some(Destination::Parked) => {
            Cell::Name { zh: "培育".to_owned(), en: "nurture".to_owned(), key: "parked".to_owned() }
        }
        Some(Destination::Deleted) => named("删除", "deleted"),
        Some(Destination::TransferredOut) | None => named("转出", "transferred_out"),
    }
}
