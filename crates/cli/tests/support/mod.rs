//! Runs the built `loudou` in a data directory of its own, and makes small files to import.

#![allow(dead_code, reason = "each test binary uses a part")]

pub(crate) mod kills;
pub(crate) mod load;
pub(crate) mod merges;
pub(crate) mod pulls;
pub(crate) mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const OK: i32 = 0;
pub(crate) const FAILED: i32 = 1;
pub(crate) const WRONG_INPUT: i32 = 2;

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A data set that ships with the repository.
pub(crate) fn dataset(name: &str) -> String {
    root().join("datasets").join(name).to_str().expect("the checkout's path is UTF-8").to_owned()
}

/// A made-up twin of a marketplace's sellers' funnel.
pub(crate) fn sellers() -> String {
    root().join("crates/ingest/tests/files/sellers-funnel").to_str().expect("the checkout's path is UTF-8").to_owned()
}

/// What a run printed and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("loudou prints UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// The command line of the built binary, in an environment that says nothing.
pub(crate) fn loudou(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loudou"));
    for name in ["LOUDOU_DATA", "LOUDOU_DATABASE_URL", "LC_ALL", "LC_MESSAGES", "LANG", "RUST_LOG"] {
        command.env_remove(name);
    }
    command.arg("--data").arg(data).stdin(Stdio::null());
    command
}

/// A data directory that is deleted with the value.
#[derive(Debug)]
pub(crate) struct Data {
    dir: TempDir,
    /// The PostgreSQL that keeps the records; the embedded database where there is none.
    server: Option<String>,
}

impl Data {
    pub(crate) fn empty() -> Self {
        Self { dir: TempDir::new().expect("a temporary directory can be made"), server: None }
    }

    /// Records in a database of a server; only the warehouse's checkpoint is in the directory.
    pub(crate) fn on(server: &str) -> Self {
        Self { server: Some(server.to_owned()), ..Self::empty() }
    }

    /// The command line for this data.
    pub(crate) fn command(&self) -> Command {
        let mut command = loudou(&self.path());
        if let Some(server) = &self.server {
            command.args(["--database-url", server]);
        }
        command
    }

    /// A copy of everything in it, to be changed.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::empty();
        copy_dir(&self.path(), &copy.path());
        copy
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Runs a command, whatever its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.command().args(arguments).output().map(Run::from).expect("the built binary runs")
    }

    /// Runs a command that has to succeed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(OK), "loudou {arguments:?}\n{}\n{}", run.out, run.err);
        run
    }

    /// Runs a command that has to succeed and reads its JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let mut with_json = arguments.to_vec();
        with_json.push("--json");
        let out = self.ok(&with_json).out;
        serde_json::from_str(&out)
            .unwrap_or_else(|error| panic!("loudou {arguments:?} printed no JSON: {error}\n{out}"))
    }

    /// The rows of a command's JSON.
    pub(crate) fn rows(&self, arguments: &[&str]) -> Vec<Value> {
        let answer = self.json(arguments);
        assert!(answer["terms"].is_object(), "terms of {arguments:?}: {answer}");
        let rows = answer["rows"].as_array().unwrap_or_else(|| panic!("rows of {arguments:?}: {answer}"));
        assert!(rows.iter().all(Value::is_object), "rows of {arguments:?} are objects: {answer}");
        rows.clone()
    }

    /// The rows of a query.
    pub(crate) fn sql(&self, query: &str) -> Vec<Value> {
        self.rows(&["sql", query])
    }

    /// The one number that a query asks for.
    pub(crate) fn number(&self, query: &str) -> i64 {
        let rows = self.sql(query);
        let value = rows.first().and_then(|row| row.as_object()?.values().next()?.as_i64());
        value.unwrap_or_else(|| panic!("{query} gives no number: {rows:?}"))
    }

    /// Runs a command that the input or the call makes impossible. Returns what it told the user.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(WRONG_INPUT), "loudou {arguments:?}\n{}\n{}", run.out, run.err);
        assert!(!run.err.trim().is_empty(), "loudou {arguments:?} says nothing");
        run.err
    }

    /// Everything a reader can see of deals and imports, by the source's ids.
    pub(crate) fn contents(&self) -> Vec<Value> {
        let tables = [
            "select external_id, process, stage, outcome, amount_minor, currency, account, product, region, industry, channel, \
             campaign, owner, team, created_on, closed_on, expected_close_on from opportunities order by external_id",
            "select o.external_id, i.stage, i.stage_order, i.outcome, i.amount_minor, i.owner, i.from_at, i.to_at from intervals i \
             join opportunities o on o.opportunity_id = i.opportunity_id \
             order by o.external_id, i.from_at, i.to_at, i.stage_order, i.outcome, i.amount_minor, i.owner",
        ];
        tables.iter().flat_map(|query| self.sql(query)).collect()
    }
}

fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory can be made");
    for entry in fs::read_dir(from).expect("the directory can be read") {
        let entry = entry.expect("the directory can be read");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a file has a type").is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

/// A folder of files to import by the bundled profile `deals-and-changes`.
#[derive(Debug)]
pub(crate) struct Files {
    dir: TempDir,
}

pub(crate) const DEALS_HEAD: &str = "deal_id,created_at,account,product,region";
pub(crate) const CHANGES_HEAD: &str = "deal_id,changed_at,stage,outcome,amount,owner,team,expected_close_on";

impl Files {
    pub(crate) fn empty() -> Self {
        Self { dir: TempDir::new().expect("a temporary directory can be made") }
    }

    /// Tables of these rows, heads before them.
    pub(crate) fn of(deals: &[impl AsRef<str>], changes: &[impl AsRef<str>]) -> Self {
        let files = Self::empty();
        files.write("deals.csv", table(DEALS_HEAD, deals).as_bytes());
        files.write("changes.csv", table(CHANGES_HEAD, changes).as_bytes());
        files
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.dir.path().join(name), bytes).expect("a file can be written");
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.dir.path().join(name)).expect("a file can be deleted");
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn path(&self) -> &str {
        self.dir.path().to_str().expect("temporary paths are UTF-8")
    }
}

/// A head and rows as CSV.
pub(crate) fn table(head: &str, rows: &[impl AsRef<str>]) -> String {
    let mut text = format!("{head}\n");
    for row in rows {
        text.push_str(row.as_ref());
        text.push('\n');
    }
    text
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % bound
    }
}
