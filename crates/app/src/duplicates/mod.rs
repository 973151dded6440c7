//! Duplicates: the same customer, contact or deal that came twice. Found, merged by rules, remembered as two, undone.
//!
//! `matching` says which records are alike and why; here records are read for it and merged in one transaction with
//! what the survivor takes over. Whoever may import and sees everything may merge: a merge joins what belongs to
//! several people.

mod batches;
mod find;
mod given;
mod keys;
mod merge;
mod merge_all;
mod merges;
mod survivorship;
#[cfg(test)]
mod tests;

use domain::people::May;
use domain::{Kind, Scope};

pub use batches::{BatchSeen, UnmergedAll};
pub(crate) use find::Remembered;
pub use find::answer as found_answer;
pub use find::{ClusterSeen, DuplicatesAsk, DuplicatesFound, PairSeen, RecordSeen};
pub use matching::{Evidence, MIN_SCORE, Why};
pub use merge::{MergeAsk, Merged, Picked};
pub use merge_all::{MergeAllAsk, MergedAll};
pub use merges::answer as merges_answer;
pub use merges::{MergeSeen, SurvivorEdit, Unmerged};
pub use survivorship::Strategy;

use crate::{AppError, Loudou, Result};

/// The kinds of records that are held against each other, by the word for many of them.
pub const KINDS: [(&str, Kind); 3] =
    [("customers", Kind::Account), ("contacts", Kind::Contact), ("deals", Kind::Opportunity)];

/// The kind of a word.
///
/// # Errors
/// The word is none of [`KINDS`].
pub fn kind(word: &str) -> Result<Kind> {
    KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind).ok_or_else(|| {
        let words: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
        AppError::input((format!("“{word}”不能查重"), format!("duplicates of `{word}` cannot be looked for")))
            .hint((format!("可选：{}", words.join("、")), format!("choose one of {}", words.join(", "))))
    })
}

/// The word of a kind.
#[must_use]
pub fn word(kind: Kind) -> &'static str {
    KINDS.iter().find(|(_, known)| *known == kind).map_or(kind.as_str(), |(word, _)| word)
}

impl Loudou {
    /// Duplicates concern records of everybody.
    pub(crate) fn may_merge(&self) -> Result<()> {
        self.who.require(May::Import)?;
        if self.who.scope == Scope::All {
            return Ok(());
        }
        let message =
            ("只有能看到全部数据的人才能查重与合并", "only who sees all data looks for duplicates and merges them");
        Err(AppError::of(crate::Fault::NotAllowed, message)
            .hint(("请联系销售运营", "ask whoever runs sales operations")))
    }
}
