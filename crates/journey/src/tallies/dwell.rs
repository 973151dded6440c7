//! Dwell: how long deals stay in a stage, visit by visit.
//!
//! A visit is a maximal run of entries in one open stage: changes of amount or owner do not break it, being
//! parked or closed does, and coming back begins another. The last entry of the visit decides group and
//! filters. Visits that run on are censored, never dropped; visits that ran already when watch began enter
//! late, at the age they had.

use arrow::array::RecordBatch;
use domain::{Day, Outcome, StageId};

use super::table::Table;
use crate::cells::Layout;
use crate::journeys::{Column, Journey};
use crate::spells::{Cause, Spell, Spells};
use crate::tally::Tally;
use crate::view::View;

/// Visits to open slots that were under watch from `from` to the end of `to`.
///
/// A visit of known start is watched from its start or, where that is before `from`, from the age it has on
/// `from`: it then counts for later ages only, and not at all where it ended by then. A visit that a deal was
/// found in, its stage having been unknown before, is at most as old as the unknown stretch: it enters at
/// that age. Visits to the unknown stage are not counted. A visit ends by the stage after it (`forward`,
/// `back`), or by a close (`won`, `lost`, `cancelled`) or `parked`; a deal that is deleted, leaves the stages
/// asked for or becomes unknown is `censored` on that day, one still there at the end of `to` on `to`.
///
/// Rows: `group` UInt64, `slot` UInt16, `entry_days` UInt32, `exit_days` UInt32, `cause` UInt8 ([`Cause`]),
/// `visits` Int64.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Dwell {
    /// Watch begins.
    pub from: Day,
    /// Watch ends.
    pub to: Day,
}

/// A run of entries in one stage.
struct Run {
    slot: u16,
    start: i32,
    /// Age of the visit, at most, when the deal was found in it: its start is unknown.
    found_at: i32,
    last: usize,
}

impl Tally for Dwell {
    type Cells = Spells;

    const COLUMNS: &'static [Column] = &[Column::Day, Column::Stage, Column::State];

    fn observe(&self, journey: Journey<'_>, view: &View<'_>, cells: &mut Self::Cells) {
        if !view.sees(journey) {
            return;
        }
        let to = view.seen(self.to);
        let entries = &view.journeys.entries;
        let open = view.slots.open_count();
        cells.shape(Layout::new(open, usize::from(open)));
        let mut run: Option<Run> = None;
        let mut unknown_since: Option<i32> = None;
        for place in journey.range() {
            let day = entries.day[place];
            if day > to.0 {
                break;
            }
            let slot = view.slot(place).0;
            let is_open = entries.state[place] == Outcome::Open as u8;
            let unknown = is_open && entries.stage[place] == StageId::UNKNOWN.0;
            let here = (slot < open && !unknown).then_some(slot);
            if let (Some(run), Some(here)) = (&mut run, here)
                && run.slot == here
            {
                run.last = place;
                continue;
            }
            if let Some(run) = run.take() {
                self.end(journey, view, cells, &run, Day(day), cause(run.slot, here, entries.state[place]));
            }
            if let Some(slot) = here {
                let start = unknown_since.unwrap_or(day);
                run = Some(Run { slot, start, found_at: day - start, last: place });
            }
            unknown_since = unknown.then(|| unknown_since.unwrap_or(day));
        }
        if let Some(run) = run {
            self.end(journey, view, cells, &run, to, Cause::Censored);
        }
    }

    fn finish(&self, cells: &Self::Cells) -> RecordBatch {
        let rows = cells.rows();
        Table::default()
            .group(rows.iter().map(|row| row.0))
            .u16("slot", rows.iter().map(|row| u16::try_from(row.1).unwrap_or(u16::MAX)))
            .u32("entry_days", rows.iter().map(|row| row.2.entry_days))
            .u32("exit_days", rows.iter().map(|row| row.2.exit_days))
            .u8("cause", rows.iter().map(|row| row.2.cause as u8))
            .count("visits", rows.iter().map(|row| row.3))
            .finish()
    }
}

impl Dwell {
    fn end(&self, journey: Journey<'_>, view: &View<'_>, cells: &mut Spells, run: &Run, on: Day, cause: Cause) {
        let entry = run.found_at.max(self.from.0.saturating_sub(run.start)).max(0);
        let exit = on.0 - run.start;
        // One that was over by the time watch began was never under watch.
        if exit < entry || (exit == entry && entry > 0) || !view.admits(run.last) {
            return;
        }
        let days = |days: i32| u32::try_from(days).unwrap_or(0);
        let spell = Spell { entry_days: days(entry), exit_days: days(exit), cause };
        cells.add(view.group(journey, run.last), usize::from(run.slot), spell);
    }
}

/// How a visit to `slot` ended that is followed by an entry in slot `next` or in `state`.
fn cause(slot: u16, next: Option<u16>, state: u8) -> Cause {
    match (next, Outcome::from_code(state)) {
        (Some(next), _) if next > slot => Cause::Forward,
        (Some(_), _) => Cause::Back,
        (None, Some(Outcome::Won)) => Cause::Won,
        (None, Some(Outcome::Lost)) => Cause::Lost,
        (None, Some(Outcome::Cancelled)) => Cause::Cancelled,
        (None, Some(Outcome::Parked)) => Cause::Parked,
        (None, Some(Outcome::Open) | None) => Cause::Censored,
    }
}
