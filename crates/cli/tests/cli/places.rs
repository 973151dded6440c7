//! Where the data lies: what is refused makes nothing there, and what only reads needs to write nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::{Data, Files, Run, loudou};

const PROFILE: &str = "deals-and-changes";

fn files() -> Files {
    Files::of(&["A,2026-01-05,Acme,Pump,North"], &["A,2026-01-05,lead,open,1000.00,Ann,East,2026-06-30"])
}

#[test]
fn a_refused_demonstration_leaves_nothing_behind() {
    let data = Data::empty();
    let error = data.refused(&["demo", "--until", "2099-01-01"]);
    assert!(error.contains("2099-01-01"), "{error}");
    assert!(!data.path().exists());
    data.ok(&["init"]);
}

#[test]
fn reading_from_an_address_without_data_makes_nothing() {
    let (data, files) = (Data::empty(), files());
    let mistyped = files.at("mistyped.db");
    let url = format!("sqlite://{}", mistyped.display());
    for arguments in [&["funnel"][..], &["import", "list"], &["backup", "nowhere.db"], &["process", "add", "telesales"]]
    {
        data.refused(&[arguments, &["--database-url", &url]].concat());
    }
    data.ok(&["process", "list", "--database-url", &url]);
    data.ok(&["import", "run", PROFILE, files.path(), "--dry-run", "--database-url", &url]);
    assert_eq!(data.run(&["doctor", "--database-url", &url]).code, Some(crate::support::FAILED));
    assert!(!mistyped.exists() && !data.path().exists());
    data.ok(&["init", "--database-url", &url]);
    assert!(mistyped.exists());
}

#[test]
fn a_refused_restore_makes_no_directory() {
    let data = Data::empty();
    let folder = Files::empty();
    folder.write("notes.txt", b"this is no backup at all, whatever it says");
    data.refused(&["restore", folder.at("notes.txt").to_str().expect("temporary paths are UTF-8")]);
    assert!(!data.path().exists());
}

/// Runs a command as somebody whom the rights of files bind: the superuser gives up to be above them.
fn run_bound(data: &Path, arguments: &[&str]) -> Run {
    let plain = loudou(data);
    let mut command = if fs::write(data.join("probe"), b"").is_ok() {
        fs::remove_file(data.join("probe")).expect("it was just made");
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set", "-dac_override,-dac_read_search"]).arg(plain.get_program());
        command
    } else {
        Command::new(plain.get_program())
    };
    command.args(plain.get_args()).args(arguments);
    Run::from(command.output().expect("the command runs"))
}

#[test]
fn a_directory_that_cannot_be_written_answers() {
    let data = Data::empty();
    data.ok(&["import", "run", PROFILE, files().path()]);
    let asked = ["funnel", "--as-of", "2026-02-01", "--json"];
    let before = data.ok(&asked).out;
    let rights = |mode| {
        fs::set_permissions(data.path().join("loudou.db"), fs::Permissions::from_mode(mode & 0o666)).expect("a mode");
        fs::set_permissions(data.path(), fs::Permissions::from_mode(mode)).expect("a mode");
    };
    fs::remove_dir_all(data.path().join("warehouse")).unwrap_or(());
    rights(0o555);
    let found = [&asked[..], &["doctor"]].map(|arguments| run_bound(&data.path(), arguments));
    let written = run_bound(&data.path(), &["process", "add", "telesales"]);
    rights(0o755);
    assert_eq!(found[0].out, before, "{}", found[0].err);
    assert_eq!(found[1].code, Some(crate::support::OK), "{}", found[1].out);
    assert_eq!(written.code, Some(crate::support::FAILED), "{}", written.out);
}
