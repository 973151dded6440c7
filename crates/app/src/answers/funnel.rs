//! Funnel: the stock by stage at a day, with amount, share, weight and the snapshot ratio.

use std::collections::HashMap;

use journey::Stock;

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
        let reply = self.warehouse().await?.ask(&asked.question, &Stock::on(asked.as_of)).await?;
        Ok(answer(asked.terms, &Frame::of(&reply, &ask.by)))
    }
}

/// The answer from the stock of a day.
pub(super) fn answer(terms: Terms, frame: &Frame) -> Answer {
    let columns = vec![
        Column::new("stage", "阶段", "stage", Unit::Text),
        Column::new("deals", "商机数", "deals", Unit::Count).with_bar(),
        Column::new("amount_minor", "金额", "amount", Unit::AmountMinor).with_bar(),
        Column::new("amount_share", "金额占比", "share of amount", Unit::Share),
        Column::new("probability", "阶段概率", "probability", Unit::Share),
        Column::new("weighted_minor", "加权金额", "weighted", Unit::AmountMinor),
        Column::new("snapshot_ratio", "快照比", "snapshot ratio", Unit::Share),
        Column::new("deals_without_amount", "金额未知", "amount unknown", Unit::Count),
    ];
    let terms =
        terms.with_words("population", "截至日日终的进行中商机", "open at the end of the as-of day").with_words(
            "snapshot_ratio",
            "本阶段商机数 ÷ 上一阶段商机数，都在截至日；不是转化率",
            "deals in this stage / deals in the stage before, both at the as-of day; no conversion rate",
        );
    let mut answer = frame.answer(("漏斗", "Funnel"), terms, columns);
    let stock = stock_by_slot(frame);
    let (mut deals, mut amount_minor) = (0, 0);
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
            let mut row = labels.clone();
            row.extend([
                name.cell(),
                Cell::Int(count),
                Cell::Minor(minor),
                Cell::share(minor, total_minor),
                ppm.map_or(Cell::Undefined(why::NO_PROBABILITY), |ppm| Cell::Float(f64::from(ppm) / 1e6)),
                weighted(minor, ppm),
                before.map_or(Cell::Undefined(why::FIRST_STAGE), |before| {
                    Cell::share(i128::from(count), i128::from(before))
                }),
                Cell::Int(without),
            ]);
            answer.push(row);
            before = name.stage.as_ref().map(|_| count);
        }
    }
    answer.terms.state("n", deals);
    answer.terms.state("amount_minor", Cell::Minor(amount_minor).to_json());
    answer
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

/// Amount × probability, half to even; the probability is in millionths.
fn weighted(amount_minor: i128, ppm: Option<i32>) -> Cell {
    let ppm = ppm.and_then(|ppm| u32::try_from(ppm).ok());
    let mut sum = methods::volume::Weighted::default();
    match ppm.map(|ppm| sum.add(amount_minor, ppm)) {
        Some(Ok(())) => Cell::Minor(sum.minor()),
        _ => Cell::Undefined(why::NO_PROBABILITY),
    }
}
