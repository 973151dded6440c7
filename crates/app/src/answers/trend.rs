//! Trend: the stock by stage at the end of each week, month, quarter or year.

use std::collections::HashMap;

use domain::Day;
use domain::calendar::Grain;
use journey::Trend;

use super::frame::Frame;
use super::grain_word;
use crate::answer::{Answer, Cell, Column, Terms, Unit};
use crate::{Ask, Loudou, Result};

/// A question for a trend.
#[derive(Debug, Clone)]
pub struct TrendAsk {
    /// What every question has.
    pub common: Ask,
    /// One point a …
    pub every: Grain,
    /// How many points up to the last day, where no first day is given.
    pub points: u32,
}

impl Loudou {
    /// Stock by stage at the ends of periods.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn trend(&self, ask: &TrendAsk) -> Result<Answer> {
        let mut asked = self.asked(&ask.common).await?;
        let from = asked.from.unwrap_or_else(|| first_of(&self.calendar, ask.every, asked.to, ask.points));
        asked.from = Some(from);
        asked.period();
        let ends = asked.ends(&self.calendar, ask.every, from);
        let tally = Trend::new(ends);
        let reply = self.warehouse().await?.ask(&asked.question, &tally).await?;
        Ok(answer(asked.terms, &Frame::of(&reply, &ask.common.by), ask.every, tally.ends()))
    }
}

/// The answer from the stock at the ends of periods of a grain.
pub(super) fn answer(terms: Terms, frame: &Frame, every: Grain, ends: &[Day]) -> Answer {
    let columns = vec![
        Column::new("day", "日期", "day", Unit::Date),
        Column::new("stage", "阶段", "stage", Unit::Text),
        Column::new("deals", "商机数", "deals", Unit::Count),
        Column::new("amount_minor", "金额", "amount", Unit::AmountMinor).with_bar(),
        Column::new("amount_share", "金额占比", "share of amount", Unit::Share),
        Column::new("deals_without_amount", "金额未知", "amount unknown", Unit::Count),
    ];
    let terms = terms
        .with_words("population", "每个日期日终的进行中商机", "open at the end of each day")
        .with("every", grain_word(every));
    let mut answer = frame.answer(("趋势", "Trend"), terms, columns);
    let rows = &frame.rows;
    let mut totals: HashMap<(u64, u32), i128> = HashMap::new();
    for row in 0..rows.len() {
        *totals.entry((rows.group(row), rows.number("period", row))).or_default() += rows.money("amount_minor", row);
    }
    for row in 0..rows.len() {
        let (group, period) = (rows.group(row), rows.number("period", row));
        let minor = rows.money("amount_minor", row);
        let mut cells = frame.group_cells(group);
        cells.extend([
            Cell::Date(ends.get(period as usize).copied().unwrap_or(Day(0))),
            frame.slots[usize::from(rows.code("slot", row))].cell(),
            Cell::Int(rows.count("deals", row)),
            Cell::Minor(minor),
            Cell::share(minor, totals[&(group, period)]),
            Cell::Int(rows.count("deals_without_amount", row)),
        ]);
        answer.push(cells);
    }
    answer
}

/// The first day of the period so many periods before the one that holds `to`.
pub(super) fn first_of(calendar: &domain::Calendar, grain: Grain, to: Day, points: u32) -> Day {
    let mut start = calendar.period_start(grain, to);
    for _ in 1..points {
        start = calendar.period_start(grain, start.plus(-1));
    }
    start
}
