//! What the tests of imports share.
#![allow(dead_code, unreachable_pub, reason = "every test binary uses its part")]

use std::path::{Path, PathBuf};

use domain::process::Process;
use domain::{ProcessId, StageId};
use ingest::{Extract, Options, ProcessSource, Profile, Refusal};

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
    ingest::extract(profile, folder, process, &Options::default(), &mut |_| {})
}

/// A folder with these files.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}
