//! How much the uploads may have: one of them, all of one person's, and all together.
//!
//! What is on the disk counts, half-received files and half-unpacked archives too. Room is looked at before a file comes
//! in, which bounds it, and again before it is put into its upload: files that came at the same time knew nothing of
//! each other.

use std::fs;
use std::path::Path;

use super::{UPLOAD_LIMIT_BYTES, read_owner};
use crate::{AppError, Fault, Loudou, Result};

/// Bytes that the uploads of one person may have together.
pub const PERSON_LIMIT_BYTES: u64 = 8 << 30;
/// Bytes that all uploads may have together.
pub const ALL_LIMIT_BYTES: u64 = 32 << 30;

/// Bytes on the disk by uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Used {
    upload: u64,
    person: u64,
    all: u64,
}

impl Used {
    /// Bytes that may still come.
    pub(super) fn room_bytes(self) -> u64 {
        UPLOAD_LIMIT_BYTES
            .saturating_sub(self.upload)
            .min(PERSON_LIMIT_BYTES.saturating_sub(self.person))
            .min(ALL_LIMIT_BYTES.saturating_sub(self.all))
    }

    /// Refuses what is more than there may be.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub(crate) fn check(self) -> Result<()> {
        if self.upload > UPLOAD_LIMIT_BYTES {
            let limit = UPLOAD_LIMIT_BYTES >> 30;
            return Err(AppError::of(
                Fault::TooLarge,
                (
                    format!("一次上传的全部文件最多 {limit} GiB"),
                    format!("all files of an upload may have {limit} GiB together"),
                ),
            )
            .hint(("请另起一次上传", "begin another upload")));
        }
        if self.person > PERSON_LIMIT_BYTES {
            let limit = PERSON_LIMIT_BYTES >> 30;
            return Err(AppError::of(
                Fault::TooLarge,
                (format!("您的全部上传最多 {limit} GiB"), format!("all your uploads may have {limit} GiB together")),
            )
            .hint(("请先导入或移除其中之一", "import or remove one of them first")));
        }
        if self.all > ALL_LIMIT_BYTES {
            return Err(AppError::of(
                Fault::Conflict,
                (
                    "服务器上等待的上传已占满空间",
                    "the uploads that wait on the server take all the room there is for them",
                ),
            )
            .hint((
                "请稍后重试：上传在导入后或一天后移除",
                "try again later: uploads go once they are imported, or after a day",
            )));
        }
        Ok(())
    }
}

impl Loudou {
    /// What is used where `upload` is the asker's, `spared` of it not counted.
    pub(crate) fn used(&self, upload: i64, spared: &[&Path]) -> Result<Used> {
        let mut used = Used::default();
        for (id, folder) in self.all_uploads()? {
            let bytes = weight(&folder, spared);
            used.all += bytes;
            if id == upload {
                used.upload += bytes;
            }
            if read_owner(&folder).is_some_and(|owner| owner.user == self.who.name) {
                used.person += bytes;
            }
        }
        Ok(used)
    }
}

/// Bytes of the files in a folder and those below; what goes meanwhile counts nothing.
fn weight(folder: &Path, spared: &[&Path]) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let of = |entry: fs::DirEntry| {
        let path = entry.path();
        match entry.metadata() {
            Ok(found) if found.is_dir() => weight(&path, spared),
            Ok(found) if !spared.contains(&path.as_path()) => found.len(),
            _ => 0,
        }
    };
    entries.filter_map(std::result::Result::ok).map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_bound_holds_and_is_told() {
        let giga =
            |upload: u64, person: u64, all: u64| Used { upload: upload << 30, person: person << 30, all: all << 30 };
        for (used, room) in
            [(giga(0, 0, 0), 4), (giga(3, 3, 3), 1), (giga(0, 6, 6), 2), (giga(0, 0, 31), 1), (giga(5, 5, 5), 0)]
        {
            assert_eq!(used.room_bytes() >> 30, room, "{used:?}");
        }
        for (used, fault) in [
            (giga(4, 8, 32), None),
            (giga(5, 5, 5), Some(Fault::TooLarge)),
            (giga(1, 9, 9), Some(Fault::TooLarge)),
            (giga(1, 1, 33), Some(Fault::Conflict)),
        ] {
            assert_eq!(used.check().err().map(|error| error.fault), fault, "{used:?}");
        }
    }

    #[test]
    fn what_is_half_there_counts_and_what_is_spared_does_not() {
        let dir = tempfile::tempdir().expect("a folder");
        let files = dir.path().join("files");
        fs::create_dir(&files).expect("a folder");
        fs::write(files.join("a.csv"), "12345").expect("a file");
        fs::write(dir.path().join("part-1"), "123").expect("a file");
        assert_eq!(weight(dir.path(), &[]), 8);
        assert_eq!(weight(dir.path(), &[&files.join("a.csv")]), 3);
        assert_eq!(weight(&dir.path().join("none"), &[]), 0);
    }
}
