//! Folders and databases that go away with the test.

use std::path::Path;

use tempfile::TempDir;

/// An empty folder, deleted when dropped.
///
/// # Panics
/// Where the machine has no room for one.
#[must_use]
pub fn folder() -> TempDir {
    tempfile::Builder::new().prefix("loudou-test-").tempdir().expect("a folder for a test")
}

/// The URL of a new SQLite file in `folder`.
#[must_use]
pub fn sqlite_url(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("loudou.db").display())
}
