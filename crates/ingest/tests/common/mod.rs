//! What the tests of imports share.
#![allow(dead_code, unreachable_pub, reason = "every test binary uses its part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::journal::HotSet;
use domain::process::{CountUnit, Process};
use domain::{Currency, Day, Instant, Kind, Outcome, ProcessId, StageId};
use ingest::{Circumstances, Extract, Options, ProcessSource, Profile, Refusal, Rule};

/// A bundled profile and its process with ids.
pub fn bundled(name: &str) -> (Profile, Process) {
    let profile = Profile::bundled(name).unwrap_or_else(|refusal| panic!("{refusal}"));
    let process = process_of(&profile);
    (profile, process)
}

/// The process of a profile with ids.
pub fn process_of(profile: &Profile) -> Process {
    let process = match profile.process() {
        ProcessSource::Inline(text) => domain::process::load(text).unwrap_or_else(|issues| panic!("{issues:?}")),
        ProcessSource::Key(key) => {
            let ready = domain::process::load_ready_made().expect("they load");
            ready.into_iter().find(|process| process.key == *key).expect("it is ready-made")
        }
    };
    process.with_ids(ProcessId(1), StageId(101))
}

/// The ready-made processes of deals.
pub fn processes() -> Vec<Process> {
    let ready = domain::process::load_ready_made().expect("they load");
    ready.into_iter().filter(|process| process.unit == CountUnit::Deal).collect()
}

/// What an office in Shanghai knows beside its files.
pub fn around(processes: &[Process]) -> Circumstances<'_> {
    Circumstances {
        today: Day::parse("2026-11-24").expect("a day"),
        currency: Currency::CNY,
        zone: chrono_tz::Asia::Shanghai,
        processes,
    }
}

/// A folder of data that ships.
pub fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets").join(name)
}

/// What a folder gives.
pub fn extracted(profile: &Profile, process: &Process, folder: &Path) -> Extract {
    tried(profile, process, folder).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// What a folder gives, or why not.
pub fn tried(profile: &Profile, process: &Process, folder: &Path) -> Result<Extract, Refusal> {
    // The day on which these imports are.
    let profile = profile.clone().on(domain::Day::parse("2026-11-24").expect("a day"));
    ingest::extract(&profile, folder, process, &Options::default(), &mut |_| std::ops::ControlFlow::Continue(()))
}

/// A folder with these files.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

/// How the deals stand at the end.
pub fn outcomes(extract: &Extract) -> BTreeMap<Outcome, usize> {
    let mut counts = BTreeMap::new();
    for deal in extract.standing_deals() {
        *counts.entry(deal.outcome).or_default() += 1;
    }
    counts
}

/// The amount of all that was won.
pub fn won_minor(extract: &Extract) -> i64 {
    let won = extract.standing_deals().into_iter().filter(|deal| deal.outcome == Outcome::Won);
    won.map(|deal| deal.amount_minor.expect("a won deal has an amount")).sum()
}

/// How often a rule was broken.
pub fn rule(extract: &Extract, rule: Rule) -> u64 {
    extract.counts.rules.iter().filter(|count| count.rule == rule).map(|count| count.count).sum()
}

/// Moves between known stages, by the difference in order.
pub fn moves(extract: &Extract, process: &Process) -> BTreeMap<i32, usize> {
    let mut staged: Vec<(u32, Instant, i64, i32)> = Vec::new();
    for assertion in extract.assertions.iter().filter(|assertion| assertion.kind == Kind::Opportunity) {
        if assertion.facts.set.has(HotSet::STAGE)
            && let Some(order) = process.order_of(assertion.facts.hot.stage)
        {
            staged.push((assertion.local, assertion.effective_at, assertion.source_seq, order));
        }
    }
    staged.sort_unstable();
    let mut steps = BTreeMap::new();
    for pair in staged.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        *steps.entry(pair[1].3 - pair[0].3).or_default() += 1;
    }
    steps
}

/// Moves whose step is one of those.
pub fn sum(steps: &BTreeMap<i32, usize>, of: impl Fn(i32) -> bool) -> usize {
    steps.iter().filter(|(step, _)| of(**step)).map(|(_, count)| count).sum()
}
