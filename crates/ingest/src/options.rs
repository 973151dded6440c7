//! What the caller may choose, and what it hears while files are read.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use domain::Kind;

/// Limits of an extraction. The defaults suit a machine with a few GiB of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The longest record of a text file, in bytes.
    pub max_record_bytes: u64,
    /// What all parts of a workbook together may unpack to, in bytes.
    pub max_unpacked_bytes: u64,
    /// How many times its packed size a part of a workbook may unpack to, once it is larger than 16 MiB.
    pub max_unpack_ratio: u64,
    /// Bytes of text that a look takes in.
    pub look_bytes: usize,
    /// How many rejected rows are collected before the input is refused.
    pub max_rejects: u64,
    /// How many warnings are kept with their row; all of them are counted.
    pub max_warnings: usize,
    /// The sheet to read of workbooks, instead of the one that the profile names.
    pub sheet: Option<String>,
    /// What messages call the input; its path where absent.
    pub input_name: Option<String>,
    /// Tables that are read from here instead of the files that the profile names.
    pub given: BTreeMap<String, Vec<Given>>,
    /// Records that files of this source brought before, by kind: fields may refer to them though no file holds them.
    pub known: Arc<BTreeMap<Kind, Known>>,
}

/// Records of one kind that are there already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    keys: HashSet<String>,
    /// Keys by what the records are called; none where several are.
    names: HashMap<String, Option<String>>,
}

impl Known {
    /// Adds a record by its key and what it is called.
    pub fn add(&mut self, key: String, name: Option<&str>) {
        if let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) {
            let same = self.names.entry(name.to_owned()).or_insert_with(|| Some(key.clone()));
            if same.as_ref() != Some(&key) {
                *same = None;
            }
        }
        self.keys.insert(key);
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// The key of the record that is called so; of several there is none.
    pub(crate) fn called(&self, name: &str) -> Option<Option<&str>> {
        self.names.get(name).map(Option::as_deref)
    }
}

/// Where a table is read from, whatever the profile says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Another file of the same table: it is called otherwise than the profile says.
    File {
        /// Where it lies.
        path: PathBuf,
        /// What messages call it.
        name: String,
        /// The sheet of a workbook.
        sheet: Option<String>,
        /// The row of the headings, from 1 on.
        header_row: u32,
    },
    /// Its rows as steps left them: Parquet, with the number of each row in its file in [`crate::ROW_COLUMN`] where it
    /// still is one of it.
    Prepared {
        /// Where it lies.
        path: PathBuf,
        /// What messages call it: the file that it was made of.
        name: String,
        /// How it came about: `3 steps`.
        format: String,
    },
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_record_bytes: 16 << 20,
            max_unpacked_bytes: 2 << 30,
            max_unpack_ratio: 200,
            look_bytes: 32 << 20,
            max_rejects: 1_000_000,
            max_warnings: 100_000,
            sheet: None,
            input_name: None,
            given: BTreeMap::new(),
            known: Arc::default(),
        }
    }
}

/// What an extraction is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Small tables that others join to or refer to.
    Dimensions,
    /// The deals.
    Deals,
    /// Their changes.
    Changes,
    /// Lines, activities and whatever else belongs to deals.
    Rest,
}

impl Phase {
    /// The word in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dimensions => "dimensions",
            Self::Deals => "deals",
            Self::Changes => "changes",
            Self::Rest => "rest",
        }
    }
}

/// How far an extraction is. Told after every batch of some thousand rows; rates and remaining time are
/// for the caller, who has the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// The file being read.
    pub file: String,
    /// Rows read so far, of all files.
    pub rows_done: u64,
    /// Bytes read so far, of all files (of Parquet: in proportion to the rows).
    pub bytes_done: u64,
    /// Bytes of all files that are read, each as often as it is read.
    pub bytes_total: u64,
}
