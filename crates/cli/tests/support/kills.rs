//! Kills `loudou` at its work, and looks at what is left.

use std::collections::HashMap;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use super::{Data, Dice, Files, OK};

pub(crate) const PROFILE: &str = "deals-and-changes";
const DEALS_A_BATCH: u64 = 400;

/// Deals that no other batch has, each with a few changes.
pub(crate) fn batch(number: u64) -> Files {
    let mut dice = Dice::new(1_000 + number);
    let (mut deals, mut changes) = (Vec::new(), Vec::new());
    for deal in 0..DEALS_A_BATCH {
        let id = format!("{number}-{deal}");
        let (account, region) = (dice.below(50), dice.below(4));
        // The product tells the batch.
        deals.push(format!("{id},2026-01-01,Account {account},{number},Region {region}"));
        changes.push(format!(
            "{id},2026-01-01,lead,open,{}.00,Owner {},Team {region},",
            100 + dice.below(9_000),
            dice.below(9)
        ));
        for (month, stage) in [(2, "contact"), (3, "needs"), (4, "solution"), (5, "proof")] {
            let day = 1 + dice.below(28);
            match dice.below(8) {
                0 => {
                    changes.push(format!("{id},2026-0{month}-{day:02},,won,,,,"));
                    break;
                }
                1 => changes.push(format!("{id},2026-0{month}-{day:02},,,{}.00,,,", 100 + dice.below(9_000))),
                _ => changes.push(format!("{id},2026-0{month}-{day:02},{stage},,,,,")),
            }
        }
    }
    Files::of(&deals, &changes)
}

#[expect(
    clippy::disallowed_methods,
    reason = "when to kill is measured on the machine; what must hold does not depend on it"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// When a command is killed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Point {
    /// This long after it was started.
    Started(Duration),
    /// This long after the embedded database began to write to its log.
    Writing(Duration),
}

impl Point {
    /// So many thousandths of the usual time after the start.
    pub(crate) fn thousandths(usual: Duration, of: u64) -> Self {
        Self::Started(usual.mul_f64(f64::from(u32::try_from(of).expect("small")) / 1_000.0))
    }
}

/// Size and last change of the embedded database's write-ahead log.
fn log(data: &Data) -> Option<(u64, SystemTime)> {
    let entries = fs::read_dir(data.path()).ok()?.flatten();
    let mut logs = entries.filter(|entry| entry.file_name().to_string_lossy().ends_with("-wal"));
    let metadata = logs.next()?.metadata().ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

/// Starts a command and kills it at a point, unless it is faster. Returns whether it acknowledged.
pub(crate) fn killed(data: &Data, arguments: &[&str], point: Point) -> bool {
    let before = log(data);
    let is_writing = || log(data).is_some_and(|(bytes, at)| bytes > 0 && before != Some((bytes, at)));
    let mut command = data.command();
    let mut child =
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the built binary runs");
    let started = now();
    let (mut since, after) = match point {
        Point::Started(after) => (Some(started), after),
        Point::Writing(after) => (None, after),
    };
    while since.is_none_or(|since| since.elapsed() < after) {
        if since.is_none() && is_writing() {
            since = Some(now());
            continue;
        }
        if let Some(status) = child.try_wait().expect("the child can be asked") {
            assert_eq!(status.code(), Some(OK), "loudou {arguments:?} failed by itself");
            return true;
        }
        std::thread::yield_now();
    }
    // Between the last look and the kill it may have ended well.
    child.kill().expect("the child can be killed");
    child.wait().expect("the child can be waited for").code() == Some(OK)
}

/// How many deals of each batch are there.
pub(crate) fn deals_by_batch(data: &Data) -> HashMap<u64, i64> {
    let rows = data.sql("select product as batch, count(*) as deals from opportunities group by product");
    let batch = |row: &Value| Some((row["batch"].as_str()?.parse().ok()?, row["deals"].as_i64()?));
    rows.iter().map(|row| batch(row).unwrap_or_else(|| panic!("a batch and its deals: {row}"))).collect()
}

pub(crate) fn deals_of(data: &Data, number: u64) -> i64 {
    deals_by_batch(data).get(&number).copied().unwrap_or(0)
}

pub(crate) fn whole() -> i64 {
    i64::try_from(DEALS_A_BATCH).expect("a small number")
}

/// Imports batch after batch, from number `first` on, each killed at its point and then run again: an acknowledged one is there whole, any
/// other whole or not at all, and the next command goes through. Returns how many kills came before the end.
pub(crate) fn import_and_kill(data: &Data, first: u64, points: &[Point]) -> usize {
    let mut cut_short = 0;
    for (number, point) in (first..).zip(points) {
        let files = batch(number);
        let import = ["import", "run", PROFILE, files.path()];
        let acknowledged = killed(data, &import, *point);
        let deals = deals_by_batch(data);
        let there = deals.get(&number).copied().unwrap_or(0);
        if acknowledged {
            assert_eq!(there, whole(), "batch {number} was acknowledged");
        } else {
            assert!(there == 0 || there == whole(), "batch {number}: {there} deals after a kill at {point:?}");
            cut_short += 1;
        }
        for earlier in 0..number {
            assert_eq!(deals.get(&earlier), Some(&whole()), "batch {earlier} after the kill in batch {number}");
        }
        data.ok(&import);
        assert_eq!(deals_of(data, number), whole(), "batch {number} after the second try");
    }
    data.ok(&["doctor"]);
    cut_short
}
