//! The analyser's page in one question: gauges, stock, trend, migration and bridge, as of one day, from one scan and
//! the gauges' two, with the sentence that they come to.
//!
//! Each part is the answer that its own question gives for the same terms, made by the same function.

use domain::calendar::Grain;
use domain::process::{Process, StageRole};
use domain::{Currency, Day};
use journey::{Bridge, Events, Migration, MigrationSeries, Stock, Tally, Trend};
use warehouse::{Counted, Reply};

use super::frame::{Frame, SlotName};
use super::headline::{Headline, Page};
use super::{GaugesAsk, bridge, funnel, migration, trend};
use crate::answer::Answer;
use crate::{AppError, Ask, Loudou, Result};

/// Weeks of the trend and of the series where the question names none.
pub const WEEKS: u32 = 26;

/// A question for the page.
#[derive(Debug, Clone)]
pub struct AnalyserAsk {
    /// What every question has; `by` is the gauges' dimension. The page looks back from its day, so it takes no
    /// period.
    pub common: Ask,
    /// Weeks of the trend and of the series.
    pub weeks: u32,
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
        let mut common = ask.common.clone();
        if common.process.is_none() {
            // Stages of several processes do not compare: the one with the most deals is shown.
            common.process = self.meta().await?.processes.first().map(|seen| seen.process.key.clone());
        }
        let gauges = self.gauges(&GaugesAsk { common: common.clone(), worst: None }).await?;
        let whole = Ask { by: Vec::new(), ..common };
        let asked = self.asked(&whole).await?;
        let (as_of, before) = (asked.as_of, asked.as_of.plus(-7));
        let stock = Stock::on(as_of);
        let first = trend::first_of(&self.calendar, Grain::Week, as_of, ask.weeks);
        let points = Trend::new(asked.ends(&self.calendar, Grain::Week, first));
        let ends = migration::week_ends(&as_of, ask.weeks);
        let series = MigrationSeries::new(ends.clone());
        let matrix = Migration { from: before, to: as_of };
        let moved = Bridge { from: before, to: as_of, due: None, events: Events::Endpoints };
        let scan = (stock, points, series, matrix, moved);
        let counted = self.warehouse().await?.count(&asked.question, &scan).await?;
        let seq = counted.seq;
        let (stock, points, series, matrix, moved) = frames(&scan, counted);
        let terms = |from: Option<Day>| match from {
            None => asked.terms.clone(),
            Some(from) => asked.terms.clone().with("from", from.to_string()).with("to", as_of.to_string()),
        };
        let (process, currency) = (stock.process.clone(), stock.currency);
        let target_minor = self.quarter_target(&asked.question, process.as_ref(), currency).await?;
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
            stock: funnel::answer(terms(None), &stock),
            trend: trend::answer(terms(Some(first)), &points, Grain::Week, scan.1.ends()),
            series: migration::answer(terms(ends.first().copied()), &series, &ends, true, None),
            stage: into.and_then(|slot| matrix.slots.get(usize::from(slot))).map(|slot| slot.key.clone()),
            inflow: migration::answer(terms(Some(before)), &matrix, &between, false, into),
            matrix: migration::answer(terms(Some(before)), &matrix, &between, false, None),
            bridge: bridge::answer(terms(Some(before)), &moved, &scan.4),
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

type PageScan = (Stock, Trend, MigrationSeries, Migration, Bridge);
type PageCells = (
    <Stock as Tally>::Cells,
    <Trend as Tally>::Cells,
    <MigrationSeries as Tally>::Cells,
    <Migration as Tally>::Cells,
    <Bridge as Tally>::Cells,
);

fn frames(scan: &PageScan, counted: Counted<PageCells>) -> (Frame, Frame, Frame, Frame, Frame) {
    let words = counted.with(());
    let (stock, points, series, matrix, moved) = counted.cells;
    (
        Frame::of(&Reply::of(&scan.0, words.with(stock)), &[]),
        Frame::of(&Reply::of(&scan.1, words.with(points)), &[]),
        Frame::of(&Reply::of(&scan.2, words.with(series)), &[]),
        Frame::of(&Reply::of(&scan.3, words.with(matrix)), &[]),
        Frame::of(&Reply::of(&scan.4, words.with(moved)), &[]),
    )
}
