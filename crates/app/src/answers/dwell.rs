//! Dwell: days in each stage by Kaplan–Meier, open visits censored.

use std::collections::BTreeMap;

use journey::{Cause, Dwell};
use methods::interval::Level;
use methods::survival::{End, EventTable, Spell, SpellHistogram, kaplan_meier};

use super::frame::Frame;
use crate::answer::{Answer, Cell, Column, Unit, why};
use crate::{AppError, Ask, Loudou, Result};

/// The mean stay is taken up to here.
const MEAN_LIMIT_DAYS: u32 = 365;

impl Loudou {
    /// Days a visit to a stage lasts.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn dwell(&self, ask: &Ask) -> Result<Answer> {
        let mut asked = self.asked(ask).await?;
        let from = asked.period();
        let reply = self.warehouse().await?.ask(&asked.question, &Dwell { from, to: asked.to }).await?;
        let frame = Frame::of(&reply, &ask.by);
        let terms = asked
            .terms
            .with_words(
                "population",
                "期内观察到的阶段停留，连续一段算一次",
                "visits under watch in the period, one a maximal run in a stage",
            )
            .with_words(
                "estimator",
                "Kaplan–Meier，未结束的按删失，延迟进入",
                "Kaplan–Meier, open visits censored, late entry",
            )
            .with_words("mean", &format!("限 {MEAN_LIMIT_DAYS} 天"), format!("restricted to {MEAN_LIMIT_DAYS} days"));
        let columns = vec![
            Column::new("stage", "阶段", "stage", Unit::Text),
            Column::new("visits", "访次", "visits", Unit::Count),
            Column::new("open_visits", "未结束", "still open", Unit::Count),
            Column::new("lower_quartile_days", "四分之一位", "first quartile", Unit::Days),
            Column::new("median_days", "中位", "median", Unit::Days).with_bar(),
            Column::new("upper_quartile_days", "四分之三位", "third quartile", Unit::Days),
            Column::new("mean_days", "平均（限 365）", "mean (to 365)", Unit::Days),
            Column::new("standard_days", "标准停留", "standard stay", Unit::Days),
        ];
        let mut answer = frame.answer(("停留时间", "Time in stage"), terms, columns);
        for ((group, slot), spells) in histograms(&frame)? {
            let Some(name) = frame.slots.get(usize::from(slot)) else { continue };
            let table = EventTable::from_histogram(&spells, 1).map_err(|error| AppError::system(error.to_string()))?;
            let curve = kaplan_meier(&table, Level::P95);
            let [lower, median, upper] = curve.quartiles_days();
            let quantile = |days: Option<u32>| Cell::or_undefined(days.map(f64::from), why::TOO_FEW_ENDED);
            let mut cells = frame.group_cells(group);
            let count = |count: u64| Cell::Int(i64::try_from(count).unwrap_or(i64::MAX));
            let standard = name.stage.as_ref().and_then(|stage| stage.stay_days);
            cells.extend([
                name.cell(),
                count(spells.spells()),
                count(spells.ended(End::Open)),
                quantile(lower),
                quantile(median),
                quantile(upper),
                Cell::or_undefined(
                    curve.restricted_mean(MEAN_LIMIT_DAYS).map(|mean| mean.mean_days),
                    why::NOTHING_WATCHED,
                ),
                standard.map_or(Cell::Undefined(why::NOT_SET), |days| Cell::Int(i64::from(days))),
            ]);
            answer.push(cells);
        }
        Ok(answer)
    }
}

type Histograms = BTreeMap<(u64, u16), SpellHistogram>;

fn histograms(frame: &Frame) -> Result<Histograms> {
    let rows = &frame.rows;
    let mut out = Histograms::new();
    for row in 0..rows.len() {
        let censored = rows.byte("cause", row) == Cause::Censored as u8;
        let spell = Spell {
            entry_days: rows.number("entry_days", row),
            exit_days: rows.number("exit_days", row),
            end: if censored { End::Open } else { End::Cause(0) },
        };
        let visits = u64::try_from(rows.count("visits", row)).unwrap_or(0);
        let key = (rows.group(row), rows.code("slot", row));
        out.entry(key).or_default().add(spell, visits).map_err(|error| AppError::system(error.to_string()))?;
    }
    Ok(out)
}
