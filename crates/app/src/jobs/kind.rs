//! What jobs are about, and where they can be.

use domain::people::May;

/// What a job is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// A dry run.
    Preview,
    /// An import.
    Import,
    /// The demonstration company.
    Demo,
    /// An import taken back.
    Undo,
    /// Rows of a source become an upload.
    Pull,
    /// Rows of a source are pulled and imported.
    Run,
    /// Duplicates are looked for.
    Duplicates,
    /// Everything that is sure enough is merged, or it is told what would be.
    Merge,
    /// Merges that were made at once are taken back.
    Unmerge,
    /// Industries are inferred.
    Infer,
}

impl JobKind {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Import => "import",
            Self::Demo => "demo",
            Self::Undo => "undo",
            Self::Pull => "pull",
            Self::Run => "run",
            Self::Duplicates => "duplicates",
            Self::Merge => "merge",
            Self::Unmerge => "unmerge",
            Self::Infer => "infer",
        }
    }

    /// What it takes to hear of such a job. Most tell rows of files as they are, or names of everybody's records: whoever
    /// may bring none in any more reads none either.
    #[must_use]
    pub const fn takes(self) -> May {
        match self {
            Self::Infer => May::Analyse,
            _ => May::Import,
        }
    }
}

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Others run before it.
    Waiting,
    /// It runs.
    Running,
    /// It did what it was to do.
    Done,
    /// It could not, and changed nothing but what its result tells.
    Failed,
    /// It was stopped, and changed nothing but what its result tells.
    Cancelled,
}

impl JobState {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will come of it.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}
