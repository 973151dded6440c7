//! Long work: where it is, and whether anybody still wants it.

use crate::answer::Label;
use crate::{AppError, Fault, Result};

/// Where long work is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Something whose length is not known.
    Doing(Label),
    /// Files are being read.
    Reading {
        /// The file.
        file: String,
        /// Rows so far.
        rows: u64,
        /// Bytes so far, of all files.
        bytes_done: u64,
        /// Bytes of all files.
        bytes_total: u64,
    },
    /// Rows come from a source; nobody knows how many there are.
    Pulling {
        /// So far.
        rows: u64,
        /// Bytes so far.
        bytes: u64,
    },
    /// Journal rows are being written.
    Writing {
        /// So far.
        done: u64,
        /// In all.
        total: u64,
    },
}

pub(crate) const WAITING: Label = Label { zh: "等待其他写入结束", en: "waiting until nobody else writes" };
pub(crate) const MATCHING: Label = Label { zh: "与已有数据比对", en: "matching with what is there" };
pub(crate) const COMMITTING: Label = Label { zh: "写入磁盘", en: "writing to disk" };
pub(crate) const INVENTING: Label = Label { zh: "生成两年的商机", en: "making two years of deals" };
pub(crate) const WITHDRAWING: Label = Label { zh: "撤回导入的内容", en: "taking back what the import brought" };

/// Whoever long work reports to, and may be stopped by.
pub trait Follow {
    /// Hears where the work is.
    fn tell(&self, step: Step);

    /// Whether the work is wanted no longer. It is asked between steps; what was committed stays.
    fn is_cancelled(&self) -> bool {
        false
    }
}

impl std::fmt::Debug for dyn Follow + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Follow")
    }
}

/// Somebody who only listens.
pub(crate) struct Listener<'a>(pub(crate) &'a dyn Fn(Step));

impl Follow for Listener<'_> {
    fn tell(&self, step: Step) {
        (self.0)(step);
    }
}

/// Goes on to a step, unless the work is wanted no longer.
///
/// # Errors
/// It was cancelled.
pub(crate) fn go_on(follow: &dyn Follow, step: Step) -> Result<()> {
    if follow.is_cancelled() {
        return Err(cancelled());
    }
    follow.tell(step);
    Ok(())
}

/// What stopped work ends with.
pub(crate) fn cancelled() -> AppError {
    AppError::of(Fault::Conflict, ("已取消，没有改动任何数据", "it was cancelled, and nothing was changed"))
}
