//! An extraction from beginning to end: keys of dimensions, dimensions, deals, changes, the rest; then the
//! dates that only the whole tells.

mod changes;
mod checks;
mod deals;
mod finish;
mod issues;
mod names;
mod records;
mod row;
mod scan;
mod typer;

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use domain::process::Process;
use domain::{Currency, Instant, Kind};

use crate::extract::{Assertion, Extract};
use crate::issue::{Fault, Refusal};
use crate::options::{Options, Progress};
use crate::plan::Planner;
use crate::profile::Profile;
use crate::value::date::Clock;
use crate::value::key::{Key, Keys};
use issues::Issues;
use scan::{Desk, Scanner};
use typer::Typer;

/// An effective instant to be filled in when everything was read: the beginning of the record.
const AT_BEGINNING: Instant = Instant(i64::MIN);
/// An effective instant to be filled in when everything was read: the export.
const AT_EXPORT: Instant = Instant(i64::MAX);
/// Place of what is known at the export among assertions of one instant: behind all changes.
const LAST_SEQ: i64 = 1 << 62;
/// No assertion.
const NONE: u32 = u32::MAX;

/// What is known about a deal while its rows are read.
#[derive(Debug, Clone)]
struct Deal {
    /// When it was created, if a row told.
    begin: Option<Instant>,
    /// The assertion of its creation.
    start: u32,
    /// The assertion of its last known date.
    end: u32,
    /// Its first change: instant, order, assertion.
    first_change: Option<(Instant, i64, u32)>,
    /// What its amounts are in.
    currency: Currency,
    /// Where it was created: file and row.
    file: u32,
    row: u64,
}

/// Everything an extraction gathers.
struct Gathered {
    desk: Desk,
    /// Dimensions, with the instants of [`AT_BEGINNING`] still open.
    dimensions: Vec<Assertion>,
    /// Deals and their changes.
    deals: Vec<Assertion>,
    /// Lines, activities and so on.
    rest: Vec<Assertion>,
    /// By local index of the deal.
    known: Vec<Option<Deal>>,
    /// The deal of every row of the deals' table, [`NONE`] for those that stay out; empty where no changes stand there.
    of_rows: Vec<u32>,
    files: Vec<Arc<str>>,
    /// Number of the last change.
    seq: i64,
    changes: u64,
    latest: Option<Instant>,
    /// Names of changed fields that the profile does not map, reported once each.
    unknown_fields: HashSet<String>,
}

/// Reads the files in `input` (a folder, or one file for profiles of one table) through a profile.
///
/// `process` carries the ids of the stages. `progress` is told after every batch of rows, and may stop the reading.
///
/// # Errors
/// [`Refusal`] where the input, the profile or the process is wrong as a whole, or where `progress` stopped it. Rows that are wrong are issues
/// of the [`Extract`].
pub fn extract(
    profile: &Profile,
    input: &Path,
    process: &Process,
    options: &Options,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Extract, Refusal> {
    let mut scanner = Scanner::new(Planner { profile, process }, input, options, progress)?;
    let typer = Typer {
        clock: Clock::new(profile.calendar()),
        currency: profile.currency,
        keys: BTreeMap::new(),
        names: names::Names::wanted_by(profile),
        known: Arc::clone(&options.known),
        made: Vec::new(),
        mentioned: BTreeMap::new(),
    };
    let mut gathered = Gathered {
        desk: Desk { typer, issues: Issues::new(options), problems: Vec::new() },
        dimensions: Vec::new(),
        deals: Vec::new(),
        rest: Vec::new(),
        known: Vec::new(),
        of_rows: Vec::new(),
        files: Vec::new(),
        seq: 0,
        changes: 0,
        latest: None,
        unknown_fields: HashSet::new(),
    };
    let dimensions = records::register(&mut scanner, &mut gathered)?;
    records::read_dimensions(&mut scanner, &mut gathered, &dimensions)?;
    if let Some(spec) = &profile.spec.deals {
        deals::read(&mut scanner, &mut gathered, spec)?;
    }
    changes::read(&mut scanner, &mut gathered)?;
    records::read_rest(&mut scanner, &mut gathered)?;
    scanner.remaining_checks(&mut gathered.desk)?;
    finish::finish(profile, scanner, gathered)
}

/// Whether records of this kind stand on their own, so that deals refer to them and not they to deals.
fn is_dimension(kind: &str) -> bool {
    Kind::parse(kind).is_some_and(|kind| kind < Kind::Opportunity)
}

impl Gathered {
    fn deal_mut(&mut self, local: u32) -> &mut Option<Deal> {
        let at = local as usize;
        if self.known.len() <= at {
            self.known.resize(at + 1, None);
        }
        &mut self.known[at]
    }

    /// The deal with this key, if one is in.
    fn deal_with(&mut self, key: &Key<'_>) -> Option<u32> {
        let local = self.keys(Kind::Opportunity).get(key)?;
        self.known.get(local as usize).is_some_and(Option::is_some).then_some(local)
    }

    fn keys(&mut self, kind: Kind) -> &mut Keys {
        self.desk.typer.keys(kind)
    }

    /// The number of a file's name.
    fn file(&mut self, name: &Arc<str>) -> u32 {
        let known = self.files.iter().rposition(|file| Arc::ptr_eq(file, name));
        let at = known.unwrap_or_else(|| {
            self.files.push(Arc::clone(name));
            self.files.len() - 1
        });
        u32::try_from(at).unwrap_or(NONE)
    }

    fn saw(&mut self, at: Instant) {
        self.latest = Some(self.latest.map_or(at, |latest| latest.max(at)));
    }

    /// Adds an assertion about a deal and tells its place.
    fn push_deal(&mut self, assertion: Assertion) -> Result<u32, Refusal> {
        let place = u32::try_from(self.deals.len()).ok().filter(|place| *place != NONE).ok_or_else(|| {
            Refusal::from(Fault::Unreadable {
                file: "the input".to_owned(),
                message: "it holds more than four thousand million changes".to_owned(),
            })
        })?;
        self.deals.push(assertion);
        Ok(place)
    }
}
