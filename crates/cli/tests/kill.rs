//! `loudou` is killed while it imports and takes back, again and again: what was acknowledged stays, nothing is
//! there by half, and the same command goes through afterwards.
//!
//! Some kills fall when the embedded database has begun to write, the instants of others are drawn by a seed; what
//! must hold does not depend on where they fall. Kills on PostgreSQL are in `engines.rs`, which has the server.

mod support;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use support::kills::{PROFILE, Point, batch, deals_of, import_and_kill, killed, now, whole};
use support::pulls::kill_scheduled_runs;
use support::{Data, Dice};

#[test]
fn killed_imports_are_there_whole_or_not_at_all() {
    let mut dice = Dice::new(20_261_123);
    let (data, unharmed) = (Data::empty(), Data::empty());
    let begun = now();
    unharmed.ok(&["import", "run", PROFILE, batch(0).path()]);
    let usual = begun.elapsed();
    data.ok(&["import", "run", PROFILE, batch(0).path()]);

    // While it writes; then from the first moment to a little after the usual end.
    let while_writing = import_and_kill(&data, 1, &[0, 1, 3].map(Duration::from_millis).map(Point::Writing));
    assert!(while_writing > 0, "no kill came while an import was being written");
    let at_any_time: Vec<_> = (0..5).map(|_| Point::thousandths(usual, dice.below(1_200))).collect();
    import_and_kill(&data, 4, &at_any_time);
    for number in 1..=8 {
        unharmed.ok(&["import", "run", PROFILE, batch(number).path()]);
    }
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
    let mut cut_short = 0;
    for round in 0..4 {
        let list = data.rows(&["import", "list"]);
        let last =
            list.iter().filter_map(|row| row["import_id"].as_i64()).max().expect("there are imports").to_string();
        let copy = data.copy();
        let begun = now();
        copy.ok(&["import", "undo", &last]);
        let usual = begun.elapsed();
        let point = match round {
            0 => Point::Writing(Duration::ZERO),
            _ => Point::thousandths(usual, dice.below(1_100)),
        };
        let done = killed(&data, &["import", "undo", &last], point);
        cut_short += usize::from(!done);
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
    assert!(cut_short > 0, "no kill came before the end of an undo");
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

#[test]
fn a_source_whose_server_is_killed_in_the_middle_of_a_run_comes_again_and_doubles_nothing() {
    kill_scheduled_runs(&Data::empty(), &Data::empty(), 3);
}
