//! `loudou` is killed while it imports and takes back, again and again: what was acknowledged stays, nothing is
//! there by half, and the same command goes through afterwards.
//!
//! The instants are drawn by a seed; what must hold does not depend on where they fall.

mod support;

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Data, Dice, Files, OK, loudou};

const PROFILE: &str = "deals-and-changes";
const DEALS_A_BATCH: u64 = 400;

/// Deals that no other batch has, each with a few changes.
fn batch(number: u64) -> Files {
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
fn now() -> Instant {
    Instant::now()
}

/// Starts a command and kills it after a while, unless it is faster. Returns whether it acknowledged.
fn killed(data: &Data, arguments: &[&str], after: Duration) -> bool {
    let mut command = loudou(&data.path());
    let mut child =
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the built binary runs");
    let begun = now();
    while begun.elapsed() < after {
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
fn deals_by_batch(data: &Data) -> HashMap<u64, i64> {
    let rows = data.sql("select product as batch, count(*) as deals from opportunities group by product");
    let batch = |row: &Value| Some((row["batch"].as_str()?.parse().ok()?, row["deals"].as_i64()?));
    rows.iter().map(|row| batch(row).unwrap_or_else(|| panic!("a batch and its deals: {row}"))).collect()
}

fn deals_of(data: &Data, number: u64) -> i64 {
    deals_by_batch(data).get(&number).copied().unwrap_or(0)
}

fn whole() -> i64 {
    i64::try_from(DEALS_A_BATCH).expect("a small number")
}

#[test]
fn killed_imports_are_there_whole_or_not_at_all() {
    let mut dice = Dice::new(20_261_123);
    let (data, unharmed) = (Data::empty(), Data::empty());
    let begun = now();
    unharmed.ok(&["import", "run", PROFILE, batch(0).path()]);
    let usual = begun.elapsed();
    data.ok(&["import", "run", PROFILE, batch(0).path()]);

    let (mut acknowledged, mut lost) = (0, 0);
    for number in 1..=8_u64 {
        let files = batch(number);
        let import = ["import", "run", PROFILE, files.path()];
        // From the first moment to a little after the usual end.
        let after = usual.mul_f64(f64::from(u32::try_from(dice.below(1_200)).expect("small")) / 1_000.0);
        let done = killed(&data, &import, after);
        let deals = deals_by_batch(&data);
        let there = deals.get(&number).copied().unwrap_or(0);
        if done {
            assert_eq!(there, whole(), "batch {number} was acknowledged");
            acknowledged += 1;
        } else {
            assert!(there == 0 || there == whole(), "batch {number}: {there} deals after a kill at {after:?}");
            lost += 1;
        }
        for earlier in 0..number {
            assert_eq!(deals.get(&earlier), Some(&whole()), "batch {earlier} after the kill in batch {number}");
        }
        data.ok(&import);
        assert_eq!(deals_of(&data, number), whole(), "batch {number} after the second try");
    }
    for number in 1..=8 {
        unharmed.ok(&["import", "run", PROFILE, batch(number).path()]);
    }
    assert_eq!(acknowledged + lost, 8);
    data.ok(&["doctor"]);
    assert!(data.contents() == unharmed.contents(), "the kills left a trace");
    assert_eq!(data.rows(&["import", "list"]).len(), 9, "one import a batch");
}

#[test]
fn a_killed_undo_is_done_or_not_done() {
    let mut dice = Dice::new(11);
    let data = Data::empty();
    data.ok(&["import", "run", PROFILE, batch(0).path()]);
    data.ok(&["import", "run", PROFILE, batch(1).path()]);
    let before = data.contents();
    for round in 0..4 {
        let list = data.rows(&["import", "list"]);
        let last =
            list.iter().filter_map(|row| row["import_id"].as_i64()).max().expect("there are imports").to_string();
        let copy = data.copy();
        let begun = now();
        copy.ok(&["import", "undo", &last]);
        let usual = begun.elapsed();
        let after = usual.mul_f64(f64::from(u32::try_from(dice.below(1_100)).expect("small")) / 1_000.0);
        let done = killed(&data, &["import", "undo", &last], after);
        let there = deals_of(&data, 1);
        assert!(there == 0 || (there == whole() && !done), "round {round}: {there} deals, acknowledged: {done}");
        if there == whole() {
            assert!(data.contents() == before, "round {round}: an undo that was not done changed something");
            data.ok(&["import", "undo", &last]);
        }
        assert!(data.contents() == copy.contents(), "round {round}");
        data.ok(&["doctor"]);
        data.ok(&["import", "run", PROFILE, batch(1).path()]);
    }
    assert!(data.contents() == before, "undone and done again, everything is as it was");
}

/// Files of the warehouse's checkpoint.
fn checkpoint(data: &Data) -> Vec<PathBuf> {
    let mut folders = vec![data.path().join("warehouse")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("there is a checkpoint") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// What is asked before and after a checkpoint is harmed.
fn answers(data: &Data) -> (Vec<Value>, Vec<Value>) {
    let states = "select o.product, i.stage, i.outcome, i.owner, count(*) as states, sum(i.amount_minor) as amount_minor, \
                  min(i.from_at) as first, max(i.from_at) as last \
                  from intervals i join opportunities o on o.opportunity_id = i.opportunity_id \
                  group by o.product, i.stage, i.outcome, i.owner order by o.product, i.stage, i.outcome, i.owner";
    (data.sql(states), data.rows(&["funnel", "--by", "region,owner", "--as-of", "2026-04-15"]))
}

/// What becomes of a file's bytes.
type Harm = fn(&[u8]) -> Vec<u8>;

#[test]
fn a_torn_or_foreign_checkpoint_changes_no_answer() {
    let data = Data::empty();
    data.ok(&["import", "run", PROFILE, batch(0).path()]);
    let expected = answers(&data);
    assert!(!checkpoint(&data).is_empty(), "the warehouse keeps a checkpoint");

    let harms: [(&str, Harm); 4] = [
        ("cut in half", |bytes| bytes[..bytes.len() / 2].to_vec()),
        ("emptied", |_| Vec::new()),
        ("one byte changed in the middle", |bytes| {
            let mut bytes = bytes.to_vec();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x55;
            bytes
        }),
        ("overwritten with zeros", |bytes| vec![0; bytes.len()]),
    ];
    for (how, harm) in harms {
        for file in 0..checkpoint(&data).len() {
            let copy = data.copy();
            let path = checkpoint(&copy)[file].clone();
            let bytes = fs::read(&path).expect("the file can be read");
            if bytes.is_empty() {
                continue;
            }
            fs::write(&path, harm(&bytes)).expect("the file can be written");
            assert!(answers(&copy) == expected, "{} {how}", path.display());
        }
    }

    // Another database's checkpoint in the place of this one's.
    let other = Data::empty();
    other.ok(&["import", "run", PROFILE, batch(1).path()]);
    answers(&other);
    let copy = data.copy();
    fs::remove_dir_all(copy.path().join("warehouse")).expect("the checkpoint can be deleted");
    let foreign = other.copy();
    fs::rename(foreign.path().join("warehouse"), copy.path().join("warehouse")).expect("a folder can be moved");
    assert!(answers(&copy) == expected, "a foreign checkpoint was believed");

    copy.ok(&["doctor"]);

    // None at all.
    let copy = data.copy();
    fs::remove_dir_all(copy.path().join("warehouse")).expect("the checkpoint can be deleted");
    assert!(answers(&copy) == expected, "without a checkpoint");

    // One from before the last write.
    let copy = data.copy();
    copy.ok(&["import", "run", PROFILE, batch(2).path()]);
    let unharmed = copy.copy();
    fs::remove_dir_all(copy.path().join("warehouse")).expect("the checkpoint can be deleted");
    let old = data.copy();
    fs::rename(old.path().join("warehouse"), copy.path().join("warehouse")).expect("a folder can be moved");
    assert!(answers(&copy) == answers(&unharmed), "an old checkpoint hides what was written since");
}
