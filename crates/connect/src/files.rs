//! Files of the machine: one, or those of a folder that were not brought in before.
//!
//! A file is known by its name, size and time: one that grows or is replaced is new again, and one that is put there
//! late with an old time is not missed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::io::{AsyncWriteExt, BufReader, copy_buf};

use crate::definition::{FilesDefinition, Limits};
use crate::failure::Failure;
use crate::guard::guarded;
use crate::mark::{Mark, fingerprint};
use crate::reach::Reach;
use crate::table::check_size;
use crate::{Ask, Follow, Pulled, Source};

/// Files of a folder at most.
const MOST: usize = 10_000;
/// Files of one import at most.
const TOGETHER: usize = 200;
/// Bytes that are copied at once: in between it may be stopped.
const PIECE: usize = 1 << 20;

#[derive(Clone)]
pub(crate) struct Files {
    of: FilesDefinition,
    limits: Limits,
    reach: Reach,
}

/// A file there is.
#[derive(Debug, Clone)]
struct Found {
    name: String,
    path: PathBuf,
    bytes: u64,
    /// Microseconds since 1970.
    changed: i128,
    print: String,
}

impl Files {
    pub(crate) const fn new(of: FilesDefinition, limits: Limits, reach: Reach) -> Self {
        Self { of, limits, reach }
    }

    /// The files there are, the oldest first.
    fn found(&self) -> Result<Vec<Found>, Failure> {
        let root = self.reach.path(&self.of.path)?;
        let unreadable = |error: io::Error| {
            let told = &self.of.path;
            Failure::source(format!("“{told}”无法读取：{error}"), format!("`{told}` cannot be read: {error}"))
                .hint("请给运行本程序的用户读取权限", "let the user that runs this program read it")
        };
        if root.is_file() {
            return Ok(vec![found_at(root).map_err(unreadable)?]);
        }
        let mut all = Vec::new();
        for entry in fs::read_dir(&root).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') || !matches(&self.of.names, &name) {
                continue;
            }
            // A link may lead out of the folder: then it is not among the files.
            let Ok(path) = self.reach.path(&root.join(&name).display().to_string()) else { continue };
            if path.is_file() {
                all.push(Found { name, ..found_at(path).map_err(unreadable)? });
            }
            if all.len() > MOST {
                return Err(Failure::too_much(
                    format!("文件夹中超过 {MOST} 个文件"),
                    format!("the folder holds more than {MOST} files"),
                )
                .hint("请移走已导入的文件，或用 names 挑选", "move away what was imported, or choose by `names`"));
            }
        }
        all.sort_by(|a, b| (a.changed, &a.name).cmp(&(b.changed, &b.name)));
        Ok(all)
    }

    async fn copy(&self, ask: &Ask, follow: &dyn Follow) -> Result<Pulled, Failure> {
        // Disks keep a thread busy, and those of networks for long.
        let own = self.clone();
        let found = tokio::task::spawn_blocking(move || own.found()).await;
        let all = found.map_err(|error| Failure::system(&io::Error::other(error)))??;
        let known: std::collections::HashSet<&String> = ask.since.seen.iter().collect();
        let new: Vec<&Found> = all.iter().filter(|found| !known.contains(&found.print)).collect();
        let most = if self.of.together { TOGETHER } else { 1 };
        let taken: Vec<&Found> = new.iter().copied().take(most).collect();
        let bytes = taken.iter().map(|found| found.bytes).sum();
        check_size(&self.limits, 0, bytes)?;
        let mut done = 0;
        for found in &taken {
            if follow.is_cancelled() {
                return Err(Failure::cancelled());
            }
            copied(&found.path, &ask.into.join(&found.name)).await.map_err(|error| Failure::system(&error))?;
            done += found.bytes;
            follow.told(0, done);
        }
        // What is gone from the folder need not be remembered.
        let mut seen: Vec<String> = all
            .iter()
            .filter(|found| known.contains(&found.print))
            .chain(taken.iter().copied())
            .map(|found| found.print.clone())
            .collect();
        seen.sort_unstable();
        seen.dedup();
        Ok(Pulled {
            files: taken.iter().map(|found| found.name.clone()).collect(),
            bytes,
            mark: Mark { seen, ..Mark::default() },
            is_more: new.len() > taken.len(),
            ..Pulled::default()
        })
    }
}

#[async_trait]
impl Source for Files {
    async fn pull(&self, ask: &Ask, follow: &dyn Follow) -> Result<Pulled, Failure> {
        guarded(&self.limits, follow, self.copy(ask, follow)).await
    }
}

/// Copies a file piece by piece.
async fn copied(from: &Path, to: &Path) -> io::Result<()> {
    let mut from = BufReader::with_capacity(PIECE, tokio::fs::File::open(from).await?);
    let mut to = tokio::fs::File::create_new(to).await?;
    copy_buf(&mut from, &mut to).await?;
    to.flush().await
}

fn found_at(path: PathBuf) -> io::Result<Found> {
    let about = fs::metadata(&path)?;
    let changed = about.modified()?.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_micros());
    let changed = i128::try_from(changed).unwrap_or(i128::MAX);
    let name = Path::new(&path).file_name().and_then(|name| name.to_str()).unwrap_or("file").to_owned();
    let print = fingerprint(&[&name, &about.len().to_string(), &changed.to_string()]);
    Ok(Found { name, path, bytes: about.len(), changed, print })
}

/// Whether a name fits a pattern with `*` and `?`; case does not matter.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.to_lowercase().chars().collect(), name.to_lowercase().chars().collect());
    // Places in the name that the pattern so far may have come to.
    let mut places = vec![false; name.len() + 1];
    places[0] = true;
    for sign in pattern {
        let mut next = vec![false; name.len() + 1];
        for at in 0..=name.len() {
            match sign {
                '*' => next[at] = places[at] || at > 0 && next[at - 1],
                _ if at > 0 => next[at] = places[at - 1] && (sign == '?' || sign == name[at - 1]),
                _ => {}
            }
        }
        places = next;
    }
    places[name.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_choose_files() {
        for (pattern, name, fits) in [
            ("*", "a.csv", true),
            ("*.csv", "A.CSV", true),
            ("*.csv", "a.csv.bak", false),
            ("deals-????-??.xlsx", "deals-2026-01.xlsx", true),
            ("deals-????-??.xlsx", "deals-2026-1.xlsx", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("商机*", "商机 2026.csv", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}
