//! Files of steps: what is read is written and read again as the same, every plan is made or refused, and what is
//! planned runs over a short table, or says why not.

#![no_main]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use steps::{Limits, Source, Sources, Steps, Target};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Values as files have them: money, dates, texts that are none of these, nothing.
const DEALS: &str = "A,B,Amount,Day\n1,x,50万,05.01.2026\n2,ＡＢ　c,\"€ 2.900,00\",2026-02-30\n1,,\"(1,035.50)\",Q3 2025\n\
                     ,y-z,-7,\n3,x,1e400,45292\n";
const OTHERS: &str = "A,B\n1,one\n1,once more\n,none\n";

/// The tables, kept for all runs, and what they are read with.
struct Bench {
    runtime: Runtime,
    limits: Limits,
    deals: Source,
    others: Sources,
    _folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // What is much for five rows is refused before it takes long.
        let limits = Limits { made_bytes: 16 << 20, most_rows: 10_000, ..Limits::default() };
        let table = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            Source::file(&path, &limits).expect("a table")
        };
        let deals = table("deals.csv", DEALS);
        let others = Sources::from([("other".to_owned(), table("other.csv", OTHERS))]);
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        Self { runtime, limits, deals, others, _folder: folder }
    }
}

static BENCH: OnceLock<Bench> = OnceLock::new();

fuzz_target!(|text: &str| {
    let Ok(steps) = Steps::parse(text) else { return };
    let written = steps.to_toml().expect("what was read can be written");
    assert_eq!(Steps::parse(&written).expect("and read again"), steps);
    if steps.0.len() > 8 {
        return;
    }
    let bench = BENCH.get_or_init(Bench::new);
    let columns = bench.deals.columns();
    let others: BTreeMap<String, Vec<String>> =
        bench.others.iter().map(|(name, table)| (name.clone(), table.columns())).collect();
    let Ok(after) = steps::check(&steps, &columns, &others) else { return };
    let mut names = after.clone();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), after.len(), "columns have names of their own");
    let mut out = Vec::new();
    let run = steps::run(&steps, &bench.deals, &bench.others, &bench.limits, Target::Csv(&mut out));
    // A value may be none that an expression takes.
    if let Ok(outcome) = bench.runtime.block_on(run) {
        assert!(outcome.rows <= bench.limits.most_rows, "there is a bound of rows");
        assert!(outcome.issue_count() >= outcome.issues.len() as u64, "all issues are counted");
    }
});
