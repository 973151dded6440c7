//! A checkpoint reads back as it was written, or is told from one that does not fit.

use std::fs;
use std::path::Path;

use domain::journal::Withdrawn;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::checkpoint::{Expected, Stale, read, write};
use crate::ledger::Ledger;
use crate::ledger_tests::words;
use crate::snapshot::Snapshot;
use crate::testing::{Journal, context, journals};

const EXPECTED: Expected<'_> =
    Expected { database_id: "here", zone: "Asia/Shanghai", head: i64::MAX, own: &[1001, 1002, 1003] };

fn withdrawn(journal: &Journal, until: usize) -> Withdrawn {
    let mut withdrawn = Withdrawn::default();
    journal.0[..until].iter().for_each(|entry| withdrawn.note(entry));
    withdrawn
}

/// A ledger out of the checkpoint, with people's names read again as the shell does.
fn reopened(dir: &Path, journal: &Journal, until: usize) -> Ledger {
    let read = read(dir, &EXPECTED).expect("a checkpoint");
    let people: Vec<_> = read.labels.members(crate::Dimension::Owner).iter().map(|(_, member)| member.id).collect();
    let mut ledger = Ledger::restored(context(), read.seq, withdrawn(journal, until), read.labels, read.partitions);
    let known = |id| journal.of(id).into_iter().filter(|entry| entry.seq <= ledger.seq()).collect();
    let people: Vec<_> = people.into_iter().map(|id| (domain::Kind::Person, id, known(id))).collect();
    ledger.apply_members(&people);
    ledger
}

fn journal(deals: usize) -> Journal {
    let mut runner = TestRunner::deterministic();
    let mut journal = Journal::default();
    while journal.by_deal().len() < deals {
        journal = journals().new_tree(&mut runner).expect("a journal").current();
    }
    journal
}

fn snapshot() -> Snapshot {
    journal(4).rebuild().snapshot()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Written in the middle, read back and followed on: the same as never having stopped.
    #[test]
    fn what_was_written_is_read_back_and_goes_on(journal in journals(), cut in 0_usize..60) {
        let dir = tempfile::tempdir().expect("a directory");
        let cut = cut.min(journal.0.len());
        let mut ledger = Ledger::new(context());
        journal.refresh(&mut ledger, cut);
        write(dir.path(), &ledger.snapshot()).expect("written");
        let mut again = reopened(dir.path(), &journal, cut);
        prop_assert_eq!(words(&again.snapshot()), words(&ledger.snapshot()));
        prop_assert_eq!(again.seq(), ledger.seq());
        journal.refresh(&mut again, journal.0.len());
        prop_assert_eq!(words(&again.snapshot()), words(&journal.rebuild().snapshot()));
    }
}

#[test]
fn one_of_another_database_zone_or_future_is_not_taken() {
    let dir = tempfile::tempdir().expect("a directory");
    assert_eq!(read(dir.path(), &EXPECTED).expect_err("none"), Stale::Missing);
    let snapshot = snapshot();
    write(dir.path(), &snapshot).expect("written");
    let stale = |expected: Expected<'_>| read(dir.path(), &expected).expect_err("stale");
    assert_eq!(stale(Expected { database_id: "restored", ..EXPECTED }), Stale::Foreign);
    assert!(matches!(stale(Expected { zone: "Europe/Berlin", ..EXPECTED }), Stale::Zone { .. }));
    let head = snapshot.seq - 1;
    assert_eq!(stale(Expected { own: &[1001, 1003], ..EXPECTED }), Stale::Dimensions);
    assert_eq!(stale(Expected { head, ..EXPECTED }), Stale::Ahead { found: snapshot.seq, head });
    assert!(read(dir.path(), &Expected { head: snapshot.seq, ..EXPECTED }).is_ok());
}

#[test]
fn a_later_one_replaces_it_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().expect("a directory");
    let journal = journal(3);
    for until in [journal.0.len() / 2, journal.0.len()] {
        let mut ledger = Ledger::new(context());
        journal.refresh(&mut ledger, until);
        write(dir.path(), &ledger.snapshot()).expect("written");
    }
    assert_eq!(fs::read_dir(dir.path()).expect("a directory").count(), 3);
    assert_eq!(read(dir.path(), &EXPECTED).expect("a checkpoint").seq, journal.0.len() as i64);
}

/// Every file cut short at many places, and with a byte changed at many places, is refused.
#[test]
fn a_torn_or_changed_file_is_noticed() {
    let dir = tempfile::tempdir().expect("a directory");
    write(dir.path(), &snapshot()).expect("written");
    let files: Vec<_> =
        fs::read_dir(dir.path()).expect("a directory").map(|file| file.expect("a file").path()).collect();
    assert_eq!(files.len(), 3);
    for path in files {
        let whole = fs::read(&path).expect("a file");
        let step = (whole.len() / 150).max(1);
        for at in (0..whole.len()).step_by(step).chain([whole.len() - 1]) {
            fs::write(&path, &whole[..at]).expect("written");
            assert!(read(dir.path(), &EXPECTED).is_err(), "{} cut at {at}", path.display());
            let mut changed = whole.clone();
            changed[at] ^= 0x20;
            fs::write(&path, &changed).expect("written");
            assert!(read(dir.path(), &EXPECTED).is_err(), "{} changed at {at}", path.display());
        }
        fs::remove_file(&path).expect("removed");
        assert!(read(dir.path(), &EXPECTED).is_err());
        fs::write(&path, &whole).expect("written");
        assert!(read(dir.path(), &EXPECTED).is_ok());
    }
}

#[test]
fn names_of_people_are_not_in_the_files() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut journal = Journal::default();
    journal.name(domain::Kind::Person, 21, "Anna-Maria Unmistakable");
    journal.name(domain::Kind::Region, 51, "Northern Unmistakable");
    journal.deal(1, 1, domain::journal::Facts::default().owner(Some(21)));
    let ledger = journal.rebuild();
    write(dir.path(), &ledger.snapshot()).expect("written");
    let read = read(dir.path(), &EXPECTED).expect("a checkpoint");
    assert_eq!(read.labels.members(crate::Dimension::Owner).label(1).as_deref(), Some("#21"));
    assert_eq!(read.labels.members(crate::Dimension::Region).label(1).as_deref(), Some("Northern Unmistakable"));
    assert_eq!(words(&reopened(dir.path(), &journal, 3).snapshot()), words(&ledger.snapshot()));
}
