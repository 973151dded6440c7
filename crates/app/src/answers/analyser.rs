//! The analyser's page in one question: gauges, stock, trend, migration and bridge, as of one day and one state of the
//! journal, from one scan and the gauges' two, with the sentence that they come to.
//!
//! Each part is the answer that its own question gives for the same terms, made by the same function.

use std::collections::BTreeMap;

use domain::calendar::Grain;
use domain::process::{Process, StageRole};
use domain::{Currency, Day};
use journey::{Bridge, Events, Migration, MigrationSeries, Stays, Stock, Tally, Trend};
use warehouse::{Counted, Reply};

use super::frame::{Frame, SlotName};
use super::headline::{Headline, Page};
use super::{GaugesAsk, bridge, funnel, migration, trend};
use crate::answer::Answer;
use crate::{AppError, Ask, Loudou, Result};

/// Weeks of the trend and of the series: what the rules' own means are of.
const WEEKS: u32 = 26;
/// Days from a week to the same one of the year before.
const YEAR_DAYS: i32 = 52 * 7;

/// A question for the page.
#[derive(Debug, Clone)]
pub struct AnalyserAsk {
    /// What every question has; `by` is the gauges' dimension. The page looks back from its day, so it takes no
    /// period.
    pub common: Ask,
    /// Key of the stage whose inflow is shown; the process's commit stage where absent, else its last open one.
    pub stage: Option<String>,
}

/// The page.
#[derive(Debug, Clone)]
pub struct Analyser {
    /// The journal up to here is in the numbers.
    pub seq: i64,
    /// Its day.
    pub as_of: Day,
    /// The ends of the two days between which deals moved: a week before the day, and the day.
    pub week: (Day, Day),
    /// The process in view; absent where there is no deal.
    pub process: Option<Process>,
    /// The currency of its amounts.
    pub currency: Option<Currency>,
    /// What it comes to.
    pub headline: Headline,
    /// Dials by member, as [`Loudou::gauges`].
    pub gauges: Answer,
    /// As [`Loudou::funnel`].
    pub stock: Answer,
    /// As [`Loudou::trend`] by week.
    pub trend: Answer,
    /// Between which shares of the amount each stage lay in the same weeks of the year before.
    pub year_before: Vec<Band>,
    /// As [`Loudou::migration`] by week.
    pub series: Answer,
    /// As [`Loudou::migration`] from a week before.
    pub matrix: Answer,
    /// Key of the stage whose inflow is shown.
    pub stage: Option<String>,
    /// As [`Loudou::migration`] into that stage, from a week before.
    pub inflow: Answer,
    /// As [`Loudou::bridge`] from a week before.
    pub bridge: Answer,
}

/// Between which shares of the amount a stage lay.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Key of the stage.
    pub stage: String,
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

impl Loudou {
    /// Everything that the analyser shows first.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn analyser(&self, ask: &AnalyserAsk) -> Result<Analyser> {
        if ask.common.from.is_some() || ask.common.to.is_some() {
            return Err(AppError::input((
                "分析仪从截至日往回看，没有自己的期间",
                "the analyser looks back from its day and has no period of its own",
            ))
            .hint(("只给 as_of，不要给 from 或 to", "give as_of, and no from or to")));
        }
        let here = self.held().await?;
        let mut common = ask.common.clone();
        if common.process.is_none() {
            // Stages of several processes do not compare: the one with the most deals is shown.
            common.process = here.meta().await?.processes.first().map(|seen| seen.process.key.clone());
        }
        let gauges = here.gauges(&GaugesAsk { common: common.clone(), worst: None }).await?;
        let whole = Ask { by: Vec::new(), ..common };
        let asked = here.asked(&whole).await?;
        let (as_of, before) = (asked.as_of, asked.as_of.plus(-7));
        let stock = Stock::on(as_of);
        let first = trend::first_of(&here.calendar, Grain::Week, as_of, WEEKS);
        let points = Trend::new(asked.ends(&here.calendar, Grain::Week, first));
        let past = Trend::new(points.ends().iter().map(|end| end.plus(-YEAR_DAYS)).collect());
        let ends = migration::week_ends(&as_of, WEEKS);
        let series = MigrationSeries::new(ends.clone());
        let matrix = Migration { from: before, to: as_of };
        let moved = Bridge { from: before, to: as_of, due: None, events: Events::Endpoints };
        let scan = (stock, points, past, series, matrix, moved, Stays { at: as_of });
        let counted = here.warehouse().await?.count(&asked.question, &scan).await?;
        let seq = counted.seq;
        let [stock, points, past, series, matrix, moved, stays] = frames(&scan, counted);
        let terms = |from: Option<Day>| match from {
            None => asked.terms.clone(),
            Some(from) => asked.terms.clone().with("from", from.to_string()).with("to", as_of.to_string()),
        };
        let (process, currency) = (stock.process.clone(), stock.currency);
        let target_minor = here.quarter_target(&asked.question, process.as_ref(), currency).await?;
        let page = Page {
            process: process.as_ref(),
            stock: &stock,
            trend: &points,
            trend_ends: scan.1.ends(),
            series: &series,
            week_ends: &ends,
            target_minor,
            gauges: &gauges,
        };
        let headline = page.headline();
        let into = match &ask.stage {
            Some(key) => Some(migration::slot_of(&matrix, key)?),
            None => usual_stage(&matrix),
        };
        let between = [before, as_of];
        Ok(Analyser {
            seq,
            as_of,
            week: (before, as_of),
            headline,
            gauges,
            stock: funnel::answer(terms(None), &stock, &stays),
            year_before: bands(&past),
            trend: trend::answer(terms(Some(first)), &points, Grain::Week, scan.1.ends()),
            series: migration::answer(terms(ends.first().copied()), &series, &ends, true, None),
            stage: into.and_then(|slot| matrix.slots.get(usize::from(slot))).map(|slot| slot.key.clone()),
            inflow: migration::answer(terms(Some(before)), &matrix, &between, false, into),
            matrix: migration::answer(terms(Some(before)), &matrix, &between, false, None),
            bridge: bridge::answer(terms(Some(before)), &moved, &scan.5),
            process,
            currency,
        })
    }
}

/// The commit stage, or the last open one.
fn usual_stage(frame: &Frame) -> Option<u16> {
    let role = |slot: &SlotName| slot.stage.as_ref().is_some_and(|stage| stage.role == StageRole::Commit);
    let commit = frame.slots.iter().position(role);
    let last = frame.slots.iter().rposition(|slot| slot.stage.is_some());
    commit.or(last).and_then(|slot| u16::try_from(slot).ok())
}

type PageScan = (Stock, Trend, Trend, MigrationSeries, Migration, Bridge, Stays);
type PageCells = (
    <Stock as Tally>::Cells,
    <Trend as Tally>::Cells,
    <Trend as Tally>::Cells,
    <MigrationSeries as Tally>::Cells,
    <Migration as Tally>::Cells,
    <Bridge as Tally>::Cells,
    <Stays as Tally>::Cells,
);

fn frames(scan: &PageScan, counted: Counted<PageCells>) -> [Frame; 7] {
    let words = counted.with(());
    let (stock, points, past, series, matrix, moved, stays) = counted.cells;
    [
        Frame::of(&Reply::of(&scan.0, words.with(stock)), &[]),
        Frame::of(&Reply::of(&scan.1, words.with(points)), &[]),
        Frame::of(&Reply::of(&scan.2, words.with(past)), &[]),
        Frame::of(&Reply::of(&scan.3, words.with(series)), &[]),
        Frame::of(&Reply::of(&scan.4, words.with(matrix)), &[]),
        Frame::of(&Reply::of(&scan.5, words.with(moved)), &[]),
        Frame::of(&Reply::of(&scan.6, words.with(stays)), &[]),
    ]
}

/// The range of each stage's share over the points of a trend at which there was an amount in some stage.
#[allow(clippy::cast_precision_loss, reason = "a share of amounts is shown with few digits")]
fn bands(frame: &Frame) -> Vec<Band> {
    let rows = &frame.rows;
    let mut by_point: BTreeMap<u32, BTreeMap<u16, i128>> = BTreeMap::new();
    for row in 0..rows.len() {
        let stocks = by_point.entry(rows.number("period", row)).or_default();
        *stocks.entry(rows.code("slot", row)).or_default() += rows.money("amount_minor", row);
    }
    let mut points: Vec<(BTreeMap<u16, i128>, i128)> = Vec::new();
    for stocks in by_point.into_values() {
        let whole: i128 = stocks.values().sum();
        let is_stage = |slot: &u16| frame.slots.get(usize::from(*slot)).is_some_and(|slot| slot.stage.is_some());
        let known: i128 = stocks.iter().filter(|(slot, _)| is_stage(slot)).map(|(_, minor)| *minor).sum();
        if known > 0 && whole > 0 {
            points.push((stocks, whole));
        }
    }
    let band = |(slot, name): (u16, &SlotName)| {
        let share = |(stocks, whole): &(BTreeMap<u16, i128>, i128)| {
            stocks.get(&slot).copied().unwrap_or_default() as f64 / *whole as f64
        };
        let low = points.iter().map(share).reduce(f64::min)?;
        let high = points.iter().map(share).reduce(f64::max)?;
        name.stage.as_ref().map(|_| Band { stage: name.key.clone(), low, high })
    };
    (0..).zip(&frame.slots).filter_map(band).collect()
}
