//! Win rate: won of won and lost, by count and by amount, with what must stand beside it.

use std::collections::BTreeMap;

use domain::Day;
use domain::calendar::Grain;
use domain::lifecycle::PARKED_LIMIT_DAYS;
use journey::{Basis, Periods, WinRate};
use methods::interval::Level;
use methods::survival::DayCounts;
use methods::win_rate::{Outcome, TOO_HIGH_PERCENT, WinCounts, WinRate as Rates, win_rate};

use super::frame::{Frame, Rows};
use super::grain_word;
use crate::answer::{Answer, Cell, Column, Unit, why};
use crate::{Ask, Loudou, Result};

/// A question for win rates.
#[derive(Debug, Clone)]
pub struct WinrateAsk {
    /// What every question has.
    pub common: Ask,
    /// One row a period instead of one for all of it.
    pub every: Option<Grain>,
    /// By the day the deal was created instead of decided.
    pub by_created: bool,
}

impl Loudou {
    /// How the deals of a period were decided.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn winrate(&self, ask: &WinrateAsk) -> Result<Answer> {
        let mut asked = self.asked(&ask.common).await?;
        let warehouse = self.warehouse().await?;
        if ask.every.is_some() && asked.from.is_none() {
            asked.from = Some(warehouse.first_day().unwrap_or(asked.to).min(asked.to));
        }
        let from = asked.period();
        let ends = match ask.every {
            Some(grain) => asked.ends(&self.calendar, grain, from),
            None => vec![asked.to],
        };
        let tally = tally(from, ends.clone(), ask.by_created);
        let reply = warehouse.ask(&asked.question, &tally).await?;
        let frame = Frame::of(&reply, &ask.common.by);
        let mut cycles: BTreeMap<(u64, u32), DayCounts> = BTreeMap::new();
        let mut all_cycles = DayCounts::default();
        for (group, period, days, deals) in reply.cells.cycles() {
            let deals = u64::try_from(deals).unwrap_or(0);
            cycles.entry((group, period)).or_default().add(days, deals);
            all_cycles.add(days, deals);
        }
        let population = if ask.by_created {
            ("期内创建的商机", "deals created in the period")
        } else {
            (
                "期内赢单、丢单、取消或转入培育的商机；赢单率只看赢单与丢单",
                "deals won, lost, cancelled or put into nurture in the period; the rate is of won and lost",
            )
        };
        let terms = asked
            .terms
            .with_words("population", population.0, population.1)
            .with_words(
                "denominator",
                "赢单 + 丢单；含取消：再加取消",
                "won + lost; with cancelled: won + lost + cancelled",
            )
            .with("every", ask.every.map(grain_word))
            .with("interval", "Wilson 95 %")
            .with_words(
                "parked",
                &format!("不算赢也不算输；超过 {PARKED_LIMIT_DAYS} 天算取消"),
                format!("neither won nor lost; after {PARKED_LIMIT_DAYS} days cancelled"),
            );
        let mut answer = frame.answer(("赢单率", "Win rate"), terms, columns(ask.every.is_some()));
        for row in 0..frame.rows.len() {
            let (group, period) = (frame.rows.group(row), frame.rows.number("period", row));
            let mut cells = frame.group_cells(group);
            if ask.every.is_some() {
                let period = period as usize;
                let before = period.checked_sub(1).and_then(|before| ends.get(before));
                cells.push(Cell::Date(before.map_or(from, |end| end.plus(1))));
                cells.push(Cell::Date(ends.get(period).copied().unwrap_or(Day(0))));
            }
            cells.extend(reading(&frame.rows, row, cycles.get(&(group, period))));
            answer.push(cells);
        }
        foot(&mut answer, &frame.rows, &all_cycles);
        if (0..frame.rows.len()).any(|row| too_high(&frame.rows, row)) {
            answer.note(
                format!("赢单率超过 {TOO_HIGH_PERCENT} %：先查老客户占比、无竞争对手的占比、隐藏的丢单，再下结论。"),
                format!("a win rate above {TOO_HIGH_PERCENT} % asks for a look at repeat customers, uncontested deals and hidden losses before it is praised."),
            );
        }
        Ok(answer)
    }
}

/// What a win rate counts.
pub(crate) fn tally(from: Day, ends: Vec<Day>, by_created: bool) -> WinRate {
    let basis = if by_created { Basis::Created } else { Basis::Decided };
    WinRate { periods: Periods::new(from, ends), basis }
}

fn columns(by_period: bool) -> Vec<Column> {
    let mut columns = Vec::new();
    if by_period {
        columns.push(Column::new("from_day", "自", "from", Unit::Date));
        columns.push(Column::new("day", "截至", "to", Unit::Date));
    }
    for (key, zh, en) in [
        ("won", "赢单", "won"),
        ("lost", "丢单", "lost"),
        ("cancelled", "取消", "cancelled"),
        ("parked", "培育", "nurture"),
        ("open", "在途", "open"),
    ] {
        columns.push(Column::new(key, zh, en, Unit::Count));
    }
    columns.extend([
        Column::new("won_amount_minor", "赢单金额", "won value", Unit::AmountMinor),
        Column::new("lost_amount_minor", "丢单金额", "lost value", Unit::AmountMinor),
        Column::new("win_rate", "赢单率", "win rate", Unit::Share).with_bar(),
        Column::new("win_rate_lower", "下限", "lower", Unit::Share),
        Column::new("win_rate_upper", "上限", "upper", Unit::Share),
        Column::new("win_rate_amount", "按金额", "by amount", Unit::Share),
        Column::new("win_rate_with_cancelled", "含取消", "with cancelled", Unit::Share),
        Column::new("cycle_median_days", "赢单周期中位", "median won cycle", Unit::Days),
        Column::new("cycle_mean_days", "赢单周期平均", "mean won cycle", Unit::Days),
    ]);
    columns
}

/// What all rows come to: their deals and amounts, the rates of those sums, and the cycles of all that was won.
fn foot(answer: &mut Answer, rows: &Rows, cycles: &DayCounts) {
    answer.sum_up(&["won", "lost", "cancelled", "parked", "open", "won_amount_minor", "lost_amount_minor"]);
    let rate = win_rate(&counts(rows, 0..rows.len()), Level::P95);
    for (key, cell) in RATES.into_iter().zip(rate_cells(&rate)) {
        if key != "win_rate_amount" || answer.currency.is_some() {
            answer.total(key, cell);
        }
    }
    for (key, cell) in CYCLES.into_iter().zip(cycle_cells(Some(cycles))) {
        answer.total(key, cell);
    }
}

fn counts(rows: &Rows, of_rows: std::ops::Range<usize>) -> WinCounts {
    let of = |key: &str| Outcome {
        deals: u64::try_from(of_rows.clone().map(|row| rows.count(key, row)).sum::<i64>()).unwrap_or(0),
        amount_minor: of_rows.clone().map(|row| rows.money(&format!("{key}_amount_minor"), row)).sum(),
    };
    WinCounts { won: of("won"), lost: of("lost"), cancelled: of("cancelled"), ..WinCounts::default() }
}

fn too_high(rows: &Rows, row: usize) -> bool {
    let decided = rows.count("won", row) + rows.count("lost", row);
    decided >= 10 && win_rate(&counts(rows, row..row + 1), Level::P95).is_too_high(TOO_HIGH_PERCENT) == Some(true)
}

const RATES: [&str; 5] = ["win_rate", "win_rate_lower", "win_rate_upper", "win_rate_amount", "win_rate_with_cancelled"];

/// Cells of [`RATES`].
fn rate_cells(rate: &Rates) -> [Cell; 5] {
    let none = why::NOTHING_DECIDED;
    [
        Cell::or_undefined(rate.by_count.map(|rate| rate.ratio.value()), none),
        Cell::or_undefined(rate.by_count.map(|rate| rate.bounds.lower), none),
        Cell::or_undefined(rate.by_count.map(|rate| rate.bounds.upper), none),
        Cell::or_undefined(rate.by_amount.map(methods::ratio::Ratio::value), none),
        Cell::or_undefined(rate.by_count_with_cancelled.map(|rate| rate.ratio.value()), none),
    ]
}

const CYCLES: [&str; 2] = ["cycle_median_days", "cycle_mean_days"];

/// Cells of [`CYCLES`].
fn cycle_cells(cycles: Option<&DayCounts>) -> [Cell; 2] {
    let nobody = why::NOTHING_WON;
    [
        Cell::or_undefined(cycles.and_then(DayCounts::median_days), nobody),
        Cell::or_undefined(cycles.and_then(DayCounts::mean_days), nobody),
    ]
}

fn reading(rows: &Rows, row: usize, cycles: Option<&DayCounts>) -> Vec<Cell> {
    let count = |key: &str| Cell::Int(rows.count(key, row));
    let mut cells = vec![
        count("won"),
        count("lost"),
        count("cancelled"),
        count("parked"),
        count("open"),
        Cell::Minor(rows.money("won_amount_minor", row)),
        Cell::Minor(rows.money("lost_amount_minor", row)),
    ];
    cells.extend(rate_cells(&win_rate(&counts(rows, row..row + 1), Level::P95)));
    cells.extend(cycle_cells(cycles));
    cells
}
