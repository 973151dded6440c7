//! Funnel: the stock by stage at a day, with amount, share, weight and the snapshot ratio.

use std::collections::HashMap;

use journey::{Stays, Stock};
use warehouse::Reply;

use super::frame::Frame;
use crate::answer::{Answer, Cell, Column, Terms, Unit, why};
use crate::{Ask, Loudou, Result};

impl Loudou {
    /// Open deals by stage at the end of the as-of day.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn funnel(&self, ask: &Ask) -> Result<Answer> {
        let asked = self.asked(ask).await?;
        let (stock, stays) = (Stock::on(asked.as_of), Stays { at: asked.as_of });
        let counted = self.warehouse().await?.count(&asked.question, &(stock.clone(), stays.clone())).await?;
        let words = counted.with(());
        let stock = Frame::of(&Reply::of(&stock, words.with(counted.cells.0)), &ask.by);
        let stays = Frame::of(&Reply::of(&stays, words.with(counted.cells.1)), &ask.by);
        Ok(answer(asked.terms, &stock, &stays))
    }
}

/// The answer from the stock of a day, and how long it has stood where it stands.
pub(super) fn answer(terms: Terms, frame: &Frame, stays: &Frame) -> Answer {
    let mut answer = frame.answer(("漏斗", "Funnel"), said(terms), columns());
    let (stock, stays) = (stock_by_slot(frame), stays_by_slot(stays));

    let (mut deals, mut amount_minor) = (0, 0);
    // Of the unknown stage nobody knows a probability: its deals stand beside the weighted amount, and do not undo it.
    let (mut weighted_minor, mut unknown_deals) = (Some(0_i128), 0);
    for (group, labels) in frame.groups() {
        let total_minor: i128 = (0..frame.slots.len()).map(|slot| at(&stock, group, slot).1).sum();
        let mut before: Option<i64> = None;
        for (slot, name) in frame.slots.iter().enumerate() {
            let (count, minor, without) = at(&stock, group, slot);
            if name.stage.is_none() && count == 0 {
                continue;
            }
            deals += count;
            amount_minor += minor;
            let ppm = name.stage.as_ref().and_then(|stage| stage.probability_ppm);
            match (&name.stage, weighted(minor, ppm)) {
                (None, _) => unknown_deals += count,
                (Some(_), Cell::Minor(minor)) => weighted_minor = weighted_minor.map(|sum| sum + minor),
                (Some(_), _) => weighted_minor = None,
            }
            let mut row = labels.clone();
            row.extend([
                name.cell(),
                Cell::Int(count),
                Cell::Minor(minor),
                Cell::share(minor, total_minor),
                ppm.map_or(Cell::Undefined(why::NO_PROBABILITY), |ppm| Cell::Float(f64::from(ppm) / 1e6)),
                weighted(minor, ppm),
                mean_stay(stays.get(&(group, slot)).copied()),
                before.map_or(Cell::Undefined(why::FIRST_STAGE), |before| {
                    Cell::share(i128::from(count), i128::from(before))
                }),
                Cell::Int(without),
            ]);
            answer.push(row);
            before = name.stage.as_ref().map(|_| count);
        }
    }
    answer.sum_up(&["deals", "amount_minor", "weighted_minor", "deals_without_amount"]);
    if unknown_deals > 0 {
        if let (Some(minor), Some(_)) = (weighted_minor, answer.currency) {
            answer.total("weighted_minor", Cell::Minor(minor));
        }
        answer.note(
            format!("{unknown_deals} 个商机阶段未知，不在加权金额里。"),
            format!("deals of unknown stage: {unknown_deals}; they are in no weighted amount."),
        );
    }
    let all = stays.values().fold((0, 0), |all: (i64, i64), one| (all.0 + one.0, all.1 + one.1));
    answer.total("mean_stay_days", mean_stay(Some(all)));
    answer.terms.state("n", deals);
    answer.terms.state("amount_minor", Cell::Minor(amount_minor).to_json());
    answer
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("stage", "阶段", "stage", Unit::Text),
        Column::new("deals", "商机数", "deals", Unit::Count).with_bar(),
        Column::new("amount_minor", "金额", "amount", Unit::AmountMinor).with_bar(),
        Column::new("amount_share", "金额占比", "share of amount", Unit::Share),
        Column::new("probability", "阶段概率", "probability", Unit::Share),
        Column::new("weighted_minor", "加权金额", "weighted", Unit::AmountMinor),
        Column::new("mean_stay_days", "平均已停留", "mean stay so far", Unit::Days),
        Column::new("snapshot_ratio", "快照比", "snapshot ratio", Unit::Share),
        Column::new("deals_without_amount", "金额未知", "amount unknown", Unit::Count),
    ]
}

fn said(terms: Terms) -> Terms {
    terms
        .with_words("population", "截至日日终的进行中商机", "open at the end of the as-of day")
        .with_words(
            "snapshot_ratio",
            "本阶段商机数 ÷ 上一阶段商机数，都在截至日；不是转化率",
            "deals in this stage / deals in the stage before, both at the as-of day; no conversion rate",
        )
        .with_words(
            "mean_stay",
            "进行中商机自进入本阶段起至截至日的平均天数",
            "days from coming to the stage up to the as-of day, the mean over the open deals",
        )
}

/// Deals, amount and deals without amount by group and slot.
type StockBySlot = HashMap<(u64, usize), (i64, i128, i64)>;

fn stock_by_slot(frame: &Frame) -> StockBySlot {
    let rows = &frame.rows;
    (0..rows.len())
        .map(|row| {
            let counts =
                (rows.count("deals", row), rows.money("amount_minor", row), rows.count("deals_without_amount", row));
            ((rows.group(row), usize::from(rows.code("slot", row))), counts)
        })
        .collect()
}

fn at(stock: &StockBySlot, group: u64, slot: usize) -> (i64, i128, i64) {
    stock.get(&(group, slot)).copied().unwrap_or_default()
}

/// Deals and days by group and slot.
fn stays_by_slot(frame: &Frame) -> HashMap<(u64, usize), (i64, i64)> {
    let rows = &frame.rows;
    (0..rows.len())
        .map(|row| {
            let counts = (rows.count("deals", row), rows.count("days", row));
            ((rows.group(row), usize::from(rows.code("slot", row))), counts)
        })
        .collect()
}

/// Days a deal; of no deal there is no mean, and of the unknown stage nobody knows since when.
fn mean_stay(stays: Option<(i64, i64)>) -> Cell {
    match stays {
        None | Some((0, _)) => Cell::Undefined(why::NOBODY_STAYS),
        Some((deals, days)) => Cell::share(i128::from(days), i128::from(deals)),
    }
}

/// Amount × probability, half to even; the probability is in millionths.
fn weighted(amount_minor: i128, ppm: Option<i32>) -> Cell {
    let ppm = ppm.and_then(|ppm| u32::try_from(ppm).ok());
    let mut sum = methods::volume::Weighted::default();
    match ppm.map(|ppm| sum.add(amount_minor, ppm)) {
        Some(Ok(())) => Cell::Minor(sum.minor()),
        _ => Cell::Undefined(why::NO_PROBABILITY),
    }
}
