//! What can go wrong with a source, in the words of whoever has to mend it.

use std::fmt;

/// What sort of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The definition is wrong.
    Definition,
    /// It names a place that this program does not go to.
    OutOfReach,
    /// The other side cannot be reached, refuses, or answers nonsense.
    Source,
    /// More came than is allowed, or it took too long.
    TooMuch,
    /// It was cancelled.
    Cancelled,
    /// The own disk failed.
    System,
}

/// A failure: what happened, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What sort.
    pub kind: FailureKind,
    /// What happened, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// What to do, in Chinese and in English.
    pub hint: Option<(String, String)>,
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { kind, zh: zh.into(), en: en.into(), hint: None }
    }

    pub(crate) fn definition(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(FailureKind::Definition, zh, en)
    }

    pub(crate) fn source(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(FailureKind::Source, zh, en)
    }

    pub(crate) fn too_much(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(FailureKind::TooMuch, zh, en)
    }

    pub(crate) fn system(error: &std::io::Error) -> Self {
        Self::new(FailureKind::System, format!("写入磁盘失败：{error}"), format!("the disk cannot be written: {error}"))
            .hint("请在数据目录所在的磁盘腾出空间", "make room on the disk of the data directory")
    }

    pub(crate) fn cancelled() -> Self {
        Self::new(FailureKind::Cancelled, "已取消，没有改动任何数据", "it was cancelled, and nothing was changed")
    }

    pub(crate) fn hint(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.hint = Some((zh.into(), en.into()));
        self
    }

    /// The same with every text passed through `change`.
    pub(crate) fn map(mut self, change: impl Fn(&str) -> String) -> Self {
        (self.zh, self.en) = (change(&self.zh), change(&self.en));
        self.hint = self.hint.map(|(zh, en)| (change(&zh), change(&en)));
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Failure {}
