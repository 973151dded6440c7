//! Kills `loudou serve` while it runs a source on its schedule, and looks at what is left.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;

use super::kills::{PROFILE, batch, deals_of, now, whole};
use super::{Data, Dice, Files};

/// The time of a round: hours apart, so that leases have run out and schedules are due.
fn time(round: u64, minute: u64) -> String {
    format!("2026-11-23T{round:02}:{minute:02}:00Z")
}

/// A folder that a source reads, with the files of one batch after the other.
struct Inbox(TempDir);

impl Inbox {
    fn path(&self) -> &str {
        self.0.path().to_str().expect("its path is UTF-8")
    }

    fn put(&self, files: &Files) {
        for entry in fs::read_dir(files.path()).expect("there are files").flatten() {
            fs::copy(entry.path(), self.0.path().join(entry.file_name())).expect("it is copied");
        }
    }
}

/// Whether a file of a name lies somewhere in a folder.
fn holds(folder: &Path, name: &str) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name() == name || holds(&entry.path(), name))
}

/// Starts a server and kills it this long after a source was pulled.
fn killed_after_a_pull(data: &Data, arguments: &[&str], after: Duration) {
    // What one that was killed has left is cleared after a day; here at once, to see what the next one pulls.
    let _ = fs::remove_dir_all(data.path().join("scratch"));
    let mut command = data.command();
    let mut child =
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the built binary runs");
    let mut pulled = None;
    while pulled.is_none_or(|at: std::time::Instant| at.elapsed() < after) {
        if pulled.is_none() && holds(&data.path(), "deals.csv") {
            pulled = Some(now());
        }
        assert_eq!(child.try_wait().expect("it can be asked"), None, "a server does not end by itself");
        std::thread::yield_now();
    }
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
}

/// Servers are killed at their scheduled runs, `rounds` of them: the mark of the source has not moved where nothing went
/// in, the next run brings everything, and in the end all is as if nobody had been killed.
pub(crate) fn kill_scheduled_runs(data: &Data, unharmed: &Data, rounds: u64) {
    let mut dice = Dice::new(20_261_129);
    let inbox = Inbox(TempDir::new().expect("a folder"));
    let definition = Files::empty();
    definition.write("inbox.toml", format!("[files]\npath = \"{}\"\ntogether = true\n", inbox.path()).as_bytes());
    let file = definition.at("inbox.toml");
    let file = file.to_str().expect("its path is UTF-8");
    data.ok(&["init"]);
    data.ok(&["--clock", &time(0, 0), "source", "add", file, "--profile", PROFILE, "--schedule", "every 5 minutes"]);
    let mut in_the_middle = 0;
    for round in 1..=rounds {
        inbox.put(&batch(round));
        let clock = time(round, 0);
        let serve = ["--clock", &clock, "serve", "--listen", "127.0.0.1:0", "--source-dir", inbox.path()];
        // The first at once, the others some time later.
        killed_after_a_pull(data, &serve, Duration::from_millis((round - 1) * dice.below(200)));
        let there = deals_of(data, round);
        assert!(there == 0 || there == whole(), "round {round}: {there} deals after the kill");
        if there == 0 {
            in_the_middle += 1;
            let out = TempDir::new().expect("a folder");
            let out = out.path().join("out");
            let pulled = data.rows(&["source", "pull", "inbox", "--out", out.to_str().expect("its path is UTF-8")]);
            assert_eq!(pulled[0]["files"].as_array().map(Vec::len), Some(2), "round {round}: the mark has moved");
        }
        let later = time(round, 15);
        data.ok(&["--clock", &later, "source", "due"]);
        assert_eq!(deals_of(data, round), whole(), "round {round}: after the next run");
        let runs = data.rows(&["--clock", &later, "source", "history", "inbox"]);
        assert!(runs.iter().all(|run| run["state"] != "running"), "round {round}: {runs:?}");
        let last = data.rows(&["--clock", &time(round, 30), "source", "run", "inbox"]);
        assert_eq!(last[0]["state"], "nothing", "round {round}: {last:?}");
        unharmed.ok(&["import", "run", PROFILE, batch(round).path()]);
    }
    assert!(in_the_middle > 0, "no kill came before an import was committed");
    assert!(data.contents() == unharmed.contents(), "the kills left a trace");
    data.ok(&["doctor"]);
}
