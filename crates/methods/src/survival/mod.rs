//! How long things last and how they end, when some have not ended yet.
//!
//! Open deals are information: a deal that has waited 200 days has *not* closed in 200. Dropping
//! it, or counting it as lost, makes every rate wrong ([`crate::simulate`] shows by how much). The
//! estimators here use each spell for exactly as long as it was watched:
//!
//! * [`SpellHistogram`]: what tallies produce: (entered watch, left watch, how it ended) → count,
//!   whole days, exact and mergeable in any order;
//! * [`EventTable`]: per event day, how many were at risk and how many ended by each cause;
//! * [`aalen_johansen`]: the probability of having ended by each cause by day t;
//! * [`kaplan_meier`]: the probability of not having ended at all, with bounds, quantiles and the
//!   restricted mean.
//!
//! **Day zero and late entry.** A spell watched from its beginning has `entry_days` 0 and is at
//! risk on day 0 too, since things do close on the day they start. A spell already `e` days old
//! when the record begins enters late: at risk on days after `e`, up to and including its exit.
//! The module must not know what a spell is of (a stage visit, a deal, a lead).

mod aalen_johansen;
mod histogram;
mod kaplan_meier;
mod table;

pub use aalen_johansen::{CumulativeIncidence, IncidenceAt, IncidenceStep, aalen_johansen};
pub use histogram::{DayCounts, End, Spell, SpellHistogram};
pub use kaplan_meier::{RestrictedMean, SurvivalCurve, SurvivalStep, kaplan_meier};
pub use table::{EventRow, EventTable};

use thiserror::Error;

/// What makes survival input impossible.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SurvivalError {
    /// A spell that ends before it came under watch.
    #[error("a spell cannot leave on day {exit_days} before it entered on day {entry_days}")]
    ExitBeforeEntry {
        /// Age when watch began, days.
        entry_days: u32,
        /// Age when watch ended, days.
        exit_days: u32,
    },
    /// A spell ended by a cause the table does not have.
    #[error("cause {cause} is outside the {causes} causes of this table")]
    UnknownCause {
        /// The cause found.
        cause: u8,
        /// How many causes there are, numbered from 0.
        causes: u8,
    },
    /// A row whose event list has the wrong length.
    #[error("the row of day {time_days} lists {found} causes where {causes} are meant")]
    CauseCount {
        /// The row's day.
        time_days: u32,
        /// Length of its event list.
        found: usize,
        /// Length it should have.
        causes: u8,
    },
    /// Rows out of order, or two for one day.
    #[error("day {time_days} does not come after day {previous_days}")]
    Order {
        /// The row's day.
        time_days: u32,
        /// The day of the row before.
        previous_days: u32,
    },
    /// More events than spells at risk.
    #[error("{events} ended on day {time_days} while {at_risk} were at risk")]
    MoreEventsThanAtRisk {
        /// The row's day.
        time_days: u32,
        /// Events of all causes.
        events: u64,
        /// Spells at risk.
        at_risk: u64,
    },
    /// An event after the last day of watch.
    #[error("an event on day {time_days} lies after the last watched day {last_seen_days}")]
    AfterFollowUp {
        /// The row's day.
        time_days: u32,
        /// The last watched day.
        last_seen_days: u32,
    },
}
