//! Long work: where it is, and whether anybody still wants it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    /// Things are gone through, one after the other.
    Through {
        /// What is done with them.
        what: Label,
        /// So far.
        done: u64,
        /// In all.
        total: u64,
        /// What they are: `records`, `pairs`, `merges` or `parts`.
        unit: &'static str,
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
pub(crate) const READING: Label = Label { zh: "读取记录", en: "reading records" };
pub(crate) const PREPARING: Label =
    Label { zh: "整理名称、电话与网址", en: "bringing names, numbers and sites into one form" };
pub(crate) const COMPARING: Label = Label { zh: "逐对比较", en: "comparing pairs" };
pub(crate) const JOINING: Label = Label { zh: "归并成组", en: "joining pairs to groups" };
pub(crate) const NAMING: Label = Label { zh: "拆分客户名称", en: "taking names of customers apart" };
pub(crate) const LEARNING: Label = Label { zh: "学习并检验", en: "learning, and testing what was learnt" };
pub(crate) const INFERRING: Label = Label { zh: "推断行业", en: "inferring industries" };
pub(crate) const MERGING: Label = Label { zh: "合并记录", en: "merging records" };
pub(crate) const UNMERGING: Label = Label { zh: "撤销合并", en: "taking merges back" };
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

/// Nobody: the work is done whatever it takes.
pub(crate) struct Nobody;

impl Follow for Nobody {
    fn tell(&self, _: Step) {}
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

/// Work on a thread that answers nobody. `work` says where it is, and hears whether it is still wanted; it gives nothing
/// where it was not.
///
/// # Errors
/// It was cancelled, or broke off.
pub(crate) async fn aside<T: Send + 'static>(
    follow: &(dyn Follow + Sync),
    work: impl FnOnce(&mut dyn FnMut(Step) -> bool) -> Option<T> + Send + 'static,
) -> Result<T> {
    let cancelled = Arc::new(AtomicBool::new(false));
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let is_cancelled = Arc::clone(&cancelled);
    // A listener who is gone wants nothing any more.
    let worked = tokio::task::spawn_blocking(move || {
        work(&mut |step| tell.send(step).is_ok() && !is_cancelled.load(Ordering::SeqCst))
    });
    while let Some(step) = told.recv().await {
        follow.tell(step);
        cancelled.fetch_or(follow.is_cancelled(), Ordering::SeqCst);
    }
    let worked = worked.await.map_err(|error| AppError::system(error.to_string()))?;
    worked.ok_or_else(self::cancelled)
}
