//! Files that people send wait here, in a folder of the data directory, until they are imported or a day has passed.
//!
//! An upload belongs to whoever began it; to anybody else it does not exist. Nothing of a name that was sent but its
//! last part becomes a name here, and what is too large is refused while it comes in.

mod room;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use domain::Instant;
use domain::people::May;
use ingest::{Look, Options};
use serde::{Deserialize, Serialize};

use crate::{AppError, Fault, Loudou, Result};
pub use room::{ALL_LIMIT_BYTES, PERSON_LIMIT_BYTES};

/// Bytes that one file may have.
pub const FILE_LIMIT_BYTES: u64 = 2 << 30;
/// Bytes that the files of one upload may have together, unpacked.
pub const UPLOAD_LIMIT_BYTES: u64 = 4 << 30;
/// Files of one upload.
const MAX_FILES: usize = 200;
/// Uploads that one person may have waiting.
const MAX_UPLOADS: usize = 20;
/// How long an upload waits for whoever began it.
pub(crate) const KEPT_MICROS: i64 = 24 * 3600 * 1_000_000;
/// Bytes of a file's name.
const MAX_NAME_BYTES: usize = 200;

const OWNER: &str = "owner.json";
const FILES: &str = "files";

/// One file at a time is put into its upload: two would each find the room that there is for one.
static PUTTING: Mutex<()> = Mutex::new(());

/// An upload with what is in it.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its id.
    pub id: i64,
    /// Its files, by name.
    pub files: Vec<UploadedFile>,
}

/// A file of an upload.
#[derive(Debug, Clone)]
pub struct UploadedFile {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// What a look at it shows, or why it is no table.
    pub look: std::result::Result<Look, AppError>,
}

/// Whose an upload is.
#[derive(Debug, Serialize, Deserialize)]
struct Owner {
    user: String,
    /// When something was last done with it, in microseconds since 1970.
    touched_at: i64,
}

/// A file that is coming in. What was written of it goes when it is dropped before [`Receiving::finish`].
#[derive(Debug)]
pub struct Receiving {
    loudou: Loudou,
    upload: i64,
    name: String,
    part: PathBuf,
    file: Option<File>,
    bytes: u64,
    /// Bytes that may still come.
    room_bytes: u64,
    /// Whether the upload was made for this file.
    is_first: bool,
}

impl Loudou {
    /// Makes ready for a file: the first of a new upload, or another one of `upload`.
    ///
    /// # Errors
    /// The asker may not import, the name says nothing, there is no such upload of theirs, or it is full.
    pub fn receive(&self, upload: Option<i64>, name: &str) -> Result<Receiving> {
        self.who.require(May::Import)?;
        self.clear_uploads()?;
        let Some(name) = plain_name(name) else {
            return Err(AppError::input(("文件没有名称", "the file has no name"))
                .hint(("请发送文件在您电脑上的名称", "send the name that the file has on your machine")));
        };
        let (id, is_first) = match upload {
            Some(id) => (id, false),
            None => (self.new_upload()?, true),
        };
        let files = self.upload_folder(id)?;
        if names_in(&files)?.len() >= MAX_FILES {
            return Err(AppError::of(
                Fault::TooLarge,
                (format!("一次上传最多 {MAX_FILES} 个文件"), format!("an upload holds at most {MAX_FILES} files")),
            )
            .hint(("请另起一次上传", "begin another upload")));
        }
        let folder = self.place.uploads_dir().join(id.to_string());
        let (part, file) = (1..)
            .find_map(|number: u32| {
                let part = folder.join(format!("part-{number}"));
                match File::options().write(true).create_new(true).open(&part) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
                    opened => Some(opened.map(|file| (part, file))),
                }
            })
            .unwrap_or_else(|| Err(io::Error::other("there is no free name")))
            .map_err(|error| not_written(&error))?;
        let room_bytes = FILE_LIMIT_BYTES.min(self.used(id, &[&files.join(&name)])?.room_bytes());
        Ok(Receiving { loudou: self.clone(), upload: id, name, part, file: Some(file), bytes: 0, room_bytes, is_first })
    }

    /// An upload of the asker's, with a look at its files.
    ///
    /// # Errors
    /// The asker may not import, or has no such upload.
    pub fn upload(&self, id: i64) -> Result<Upload> {
        self.who.require(May::Import)?;
        let folder = self.upload_folder(id)?;
        let file = |name: String| {
            let path = folder.join(&name);
            let bytes = fs::metadata(&path).map_or(0, |file| file.len());
            let look = ingest::look(&path, &name, None, None, &Options::default());
            let look = look.map(ingest::Look::told).map_err(AppError::from);
            UploadedFile { name, bytes, look }
        };
        Ok(Upload { id, files: names_in(&folder)?.into_iter().map(file).collect() })
    }

    /// Where the files of an upload of the asker's lie, to be imported.
    ///
    /// # Errors
    /// The asker has no such upload.
    pub fn upload_folder(&self, id: i64) -> Result<PathBuf> {
        self.who.require(May::Import)?;
        let folder = self.place.uploads_dir().join(id.to_string());
        let gone = || {
            AppError::not_found((format!("没有上传 {id}"), format!("there is no upload {id}")))
                .hint(("上传保留一天：请重新上传文件", "an upload waits for a day: send the files again"))
        };
        read_owner(&folder).filter(|owner| owner.user == self.who.name).ok_or_else(gone)?;
        // Another request may throw it away meanwhile.
        self.touch(&folder).map_err(|error| if folder.is_dir() { error } else { gone() })?;
        Ok(folder.join(FILES))
    }

    /// Throws an upload of the asker's away.
    ///
    /// # Errors
    /// The asker has no such upload, or it cannot be removed.
    pub fn drop_upload(&self, id: i64) -> Result<()> {
        self.upload_folder(id)?;
        remove(&self.place.uploads_dir().join(id.to_string()))
    }

    /// Removes what waits on the disk for nobody any more: uploads that nobody has touched for a day, and files that
    /// processes which were killed have left.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn tidy(&self) -> Result<usize> {
        let files = self.clear_scratch();
        let files = files.map_err(|error| AppError::system(format!("files left behind cannot be removed: {error}")))?;
        Ok(files + self.clear_uploads()?)
    }

    /// Removes uploads that nobody has touched for a day. Returns how many.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn clear_uploads(&self) -> Result<usize> {
        let mut removed = 0;
        for (_, folder) in self.all_uploads()? {
            let is_old = match read_owner(&folder) {
                Some(owner) => self.now.0 - owner.touched_at > KEPT_MICROS,
                // Half made: whoever began it is still at it, or was stopped. The clock tells by the folder's own age.
                None => age(&folder, self.now).is_some_and(|micros| micros > KEPT_MICROS),
            };
            if is_old {
                remove(&folder)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn all_uploads(&self) -> Result<Vec<(i64, PathBuf)>> {
        let entries = match fs::read_dir(self.place.uploads_dir()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(AppError::system(format!("the uploads cannot be read: {error}"))),
        };
        let mut all: Vec<(i64, PathBuf)> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                Some((entry.file_name().to_str()?.parse().ok()?, entry.path()))
            })
            .collect();
        all.sort_unstable();
        Ok(all)
    }

    /// A new, empty upload of the asker's.
    pub(crate) fn new_upload(&self) -> Result<i64> {
        let all = self.all_uploads()?;
        let own = all.iter().filter(|(_, folder)| read_owner(folder).is_some_and(|owner| owner.user == self.who.name));
        if own.count() >= MAX_UPLOADS {
            return Err(AppError::of(
                Fault::Conflict,
                (format!("您已有 {MAX_UPLOADS} 次上传在等待"), format!("{MAX_UPLOADS} uploads of yours wait already")),
            )
            .hint(("请先导入或移除其中之一", "import or remove one of them first")));
        }
        let uploads = self.place.uploads_dir();
        fs::create_dir_all(&uploads).map_err(|error| not_written(&error))?;
        let mut id = all.last().map_or(1, |(last, _)| last + 1);
        // Somebody else may take the same number at the same time: only one makes the folder.
        while let Err(error) = fs::create_dir(uploads.join(id.to_string())) {
            if error.kind() != io::ErrorKind::AlreadyExists {
                return Err(not_written(&error));
            }
            id += 1;
        }
        let folder = uploads.join(id.to_string());
        fs::create_dir(folder.join(FILES)).map_err(|error| not_written(&error))?;
        self.touch(&folder)?;
        Ok(id)
    }

    fn touch(&self, folder: &Path) -> Result<()> {
        let owner = Owner { user: self.who.name.clone(), touched_at: self.now.0 };
        let text = serde_json::to_string(&owner).map_err(|error| AppError::system(error.to_string()))?;
        // Written beside, under a name of its own, and moved: a reader never sees half of it, nor do two writers meet.
        static TOUCHES: AtomicU64 = AtomicU64::new(0);
        let fresh = folder.join(format!("owner.{}", TOUCHES.fetch_add(1, Ordering::Relaxed)));
        fs::write(&fresh, text)
            .and_then(|()| fs::rename(&fresh, folder.join(OWNER)))
            .map_err(|error| not_written(&error))
    }
}

impl Receiving {
    /// The upload that the file belongs to.
    #[must_use]
    pub const fn upload(&self) -> i64 {
        self.upload
    }

    /// Writes what came, off the threads that answer requests.
    ///
    /// # Errors
    /// It is more than an upload may have, or the disk is full.
    pub async fn write(&mut self, chunk: impl AsRef<[u8]> + Send + 'static) -> Result<()> {
        self.bytes += chunk.as_ref().len() as u64;
        if self.bytes > self.room_bytes {
            return Err(too_large(&self.name));
        }
        let Some(mut file) = self.file.take() else {
            return Err(AppError::system("the file that comes in was closed"));
        };
        let (file, written) = blocking(move || {
            let written = file.write_all(chunk.as_ref());
            (file, written)
        })
        .await?;
        self.file = Some(file);
        written.map_err(|error| not_written(&error))
    }

    /// Puts the file into its upload, an archive unpacked, and looks at what is there.
    ///
    /// # Errors
    /// It cannot be put there, or is an archive that unpacks to too much.
    pub async fn finish(mut self) -> Result<Upload> {
        self.file = None;
        let (loudou, upload, name, part) = (self.loudou.clone(), self.upload, self.name.clone(), self.part.clone());
        let finished = blocking(move || {
            let files = loudou.upload_folder(upload)?;
            if name.to_lowercase().ends_with(".zip") {
                unpack(&loudou, upload, &part, &name, &files)?;
            } else {
                let target = files.join(&name);
                let _alone = PUTTING.lock().unwrap_or_else(PoisonError::into_inner);
                loudou.used(upload, &[&target])?.check()?;
                fs::rename(&part, target).map_err(|error| not_written(&error))?;
            }
            loudou.upload(upload)
        })
        .await?;
        if finished.is_ok() {
            self.is_first = false;
        }
        finished
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        // It is gone where it was put into the upload; that it stays otherwise is mended when the upload is removed.
        let _ = fs::remove_file(&self.part);
        if self.is_first {
            let _ = remove(&self.loudou.place.uploads_dir().join(self.upload.to_string()));
        }
    }
}

fn too_large(name: &str) -> AppError {
    let (one, all) = (FILE_LIMIT_BYTES >> 30, UPLOAD_LIMIT_BYTES >> 30);
    AppError::of(Fault::TooLarge, (format!("“{name}”太大"), format!("`{name}` is too large"))).hint((
        format!("单个文件最多 {one} GiB，一次上传合计最多 {all} GiB：请少导出几列，或导出为 Parquet"),
        format!("a file may have {one} GiB, and all files of an upload {all} GiB: export fewer columns, or as Parquet"),
    ))
}

/// Unpacks beside the files, and moves them in once the whole archive was found good.
fn unpack(loudou: &Loudou, upload: i64, archive: &Path, name: &str, files: &Path) -> Result<()> {
    let room_bytes = loudou.used(upload, &[archive])?.room_bytes();
    let beside = archive.with_extension("unpacked");
    fs::create_dir(&beside).map_err(|error| not_written(&error))?;
    let unpacked = ingest::unpack(archive, name, &beside, room_bytes, &Options::default(), &name_in_archive);
    let moved = match unpacked {
        Ok(names) if names.is_empty() => {
            Err(AppError::input((format!("“{name}”里没有文件"), format!("`{name}` holds no files")))
                .hint(("请把表格文件本身打包", "pack the tables themselves")))
        }
        Ok(names) => {
            let targets: Vec<PathBuf> = names.iter().map(|name| files.join(name)).collect();
            let spared: Vec<&Path> = targets.iter().map(PathBuf::as_path).chain([archive]).collect();
            let _alone = PUTTING.lock().unwrap_or_else(PoisonError::into_inner);
            loudou.used(upload, &spared).and_then(room::Used::check).and_then(|()| {
                let moved = names.iter().zip(&targets).try_for_each(|(name, to)| fs::rename(beside.join(name), to));
                moved.map_err(|error| not_written(&error))
            })
        }
        Err(refusal) => Err(refusal.into()),
    };
    remove(&beside)?;
    moved
}

/// The name that a part of an archive gets; what systems put beside people's files stays out.
fn name_in_archive(path: &str) -> Option<String> {
    let is_beside = path.split(['/', '\\']).any(|part| part == "__MACOSX" || part.starts_with('.') && part.len() > 2);
    if is_beside { None } else { plain_name(path) }
}

/// The last part of a path as a name that is safe in any folder; absent where nothing is left of it.
fn plain_name(path: &str) -> Option<String> {
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control() && !"<>:\"|?*".contains(*c)).collect();
    let clean = clean.trim().trim_start_matches('.').trim_end_matches('.').trim();
    let (stem, ending) = match clean.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 8 => (stem, format!(".{ending}")),
        _ => (clean, String::new()),
    };
    let mut short = String::new();
    for c in stem.chars() {
        if short.len() + c.len_utf8() + ending.len() > MAX_NAME_BYTES {
            break;
        }
        short.push(c);
    }
    let name = format!("{}{ending}", short.trim());
    (!short.trim().is_empty()).then_some(name)
}

/// The names of the files in a folder, in order.
pub(crate) fn names_in(folder: &Path) -> Result<Vec<String>> {
    let unreadable = |error: io::Error| AppError::system(format!("the upload cannot be read: {error}"));
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        names.extend(entry.map_err(unreadable)?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

fn read_owner(folder: &Path) -> Option<Owner> {
    serde_json::from_slice(&fs::read(folder.join(OWNER)).ok()?).ok()
}

/// How long ago a folder was last written to, in microseconds.
pub(crate) fn age(folder: &Path, now: Instant) -> Option<i64> {
    let written = fs::metadata(folder).ok()?.modified().ok()?;
    let since = written.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(now.0 - i64::try_from(since.as_micros()).ok()?)
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(AppError::system(format!("the upload cannot be removed: {error}")))
        }
        _ => Ok(()),
    }
}

fn not_written(error: &io::Error) -> AppError {
    AppError::system(format!("the upload cannot be written: {error}"))
        .hint(("请为数据目录所在的磁盘腾出空间", "make room on the disk of the data directory"))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| AppError::system(format!("the work was stopped: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Organisation, Place};

    #[tokio::test]
    async fn what_is_too_large_is_refused_while_it_comes_in_and_leaves_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
        let now = Instant(1_800_000_000_000_000);
        let loudou = Loudou::init(&place, &Organisation::default(), now).await.expect("it is made");
        let mut receiving = loudou.receive(None, "deals.csv").expect("it may come");
        receiving.room_bytes = 10;
        receiving.write(b"12345").await.expect("there is room");
        let error = receiving.write(b"123456").await.expect_err("there is none");
        assert_eq!((error.fault, error.messages[0].as_str()), (Fault::TooLarge, "`deals.csv` is too large"));
        drop(receiving);
        assert_eq!(fs::read_dir(place.uploads_dir()).expect("the folder of uploads").count(), 0);
    }

    #[tokio::test]
    async fn requests_for_one_upload_do_not_meet() {
        let dir = tempfile::tempdir().expect("a folder");
        let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
        let now = Instant(1_800_000_000_000_000);
        let loudou = Loudou::init(&place, &Organisation::default(), now).await.expect("it is made");
        fs::create_dir_all(place.uploads_dir().join("7")).expect("a folder");
        loudou.touch(&place.uploads_dir().join("7")).expect("it is the asker's");
        std::thread::scope(|scope| {
            let ask = || (0..500).all(|_| loudou.upload_folder(7).is_ok());
            let asked: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
            assert!(asked.into_iter().all(|asked| asked.join().expect("no panic")));
        });
        assert_eq!(names_in(&place.uploads_dir().join("7")).expect("its files"), [OWNER]);
    }

    #[test]
    fn only_the_last_part_of_a_name_is_kept_and_made_safe() {
        for (sent, expected) in [
            ("deals.csv", Some("deals.csv")),
            ("C:\\Users\\x\\商机 2026.xlsx", Some("商机 2026.xlsx")),
            ("../../etc/passwd", Some("passwd")),
            ("a/b/..", None),
            ("", None),
            ("...", None),
            (".htaccess", Some("htaccess")),
            ("a\u{0}b\n?.csv", Some("ab.csv")),
        ] {
            assert_eq!(plain_name(sent).as_deref(), expected, "{sent:?}");
        }
        let long = plain_name(&format!("{}.csv", "名".repeat(300))).expect("a name");
        assert!(long.len() <= MAX_NAME_BYTES && long.ends_with(".csv"));
        assert_eq!(name_in_archive("__MACOSX/._deals.csv"), None);
        assert_eq!(name_in_archive("x/.DS_Store"), None);
        assert_eq!(name_in_archive("../x/deals.csv").as_deref(), Some("deals.csv"));
    }
}
