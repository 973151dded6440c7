//! Files for a while: what is too large for memory lies here until nobody needs it any more.
//!
//! A file goes with its handle. What a process that was killed has left is cleared after a day.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::Loudou;
use crate::uploads::{KEPT_MICROS, age};

/// A file that is removed when the last handle on it goes.
#[derive(Debug, PartialEq, Eq)]
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// A new file in a folder, which is made where it is not there.
    pub(crate) fn new(folder: &Path) -> io::Result<(Self, File)> {
        fs::create_dir_all(folder)?;
        let mut number = 1_u32;
        loop {
            let path = folder.join(format!("{number}.part"));
            match File::options().read(true).write(true).create_new(true).open(&path) {
                Ok(file) => return Ok((Self { path }, file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Opens the file to be read from its beginning.
    ///
    /// # Errors
    /// It was removed, or the system's own.
    pub fn open(&self) -> io::Result<File> {
        File::open(&self.path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is cleared after a day.
        let _ = fs::remove_file(&self.path);
    }
}

/// A folder that is removed with all that is in it when its handle goes.
#[derive(Debug)]
pub(crate) struct ScratchFolder(PathBuf);

impl ScratchFolder {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // What cannot be removed now is cleared after a day.
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Loudou {
    /// A folder for a while, on the disk of the data.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn scratch_folder(&self) -> io::Result<ScratchFolder> {
        let all = self.place.scratch_dir();
        fs::create_dir_all(&all)?;
        let mut number = 1_u32;
        loop {
            let path = all.join(format!("{number}.folder"));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(ScratchFolder(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// A file for a while, on the disk of the data.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn scratch(&self) -> io::Result<(Scratch, File)> {
        Scratch::new(&self.place.scratch_dir())
    }

    /// The folder of such files, for libraries that make their own.
    #[must_use]
    pub fn scratch_dir(&self) -> PathBuf {
        self.place.scratch_dir()
    }

    /// Removes what processes that were killed have left here. Returns how many files.
    pub(crate) fn clear_scratch(&self) -> io::Result<usize> {
        let entries = match fs::read_dir(self.place.scratch_dir()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        let mut removed = 0;
        for entry in entries {
            let path = entry?.path();
            if age(&path, self.now).is_some_and(|micros| micros > KEPT_MICROS) {
                if path.is_dir() {
                    fs::remove_dir_all(&path)?;
                } else {
                    fs::remove_file(&path)?;
                }
                removed += 1;
            }
        }
        Ok(removed)
    }
}
