//! What can go wrong in a use case, as facts that an edge (terminal, HTTP) turns into advice.

use std::fmt;

/// Whose fault a failure is, which decides the exit code or status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The input or the call was wrong; nothing was changed.
    Input,
    /// There is no such thing, or none that the asker may see.
    NotFound,
    /// The asker's roles do not let them do this.
    NotAllowed,
    /// The record was changed since the asker read it.
    Changed,
    /// What is there stands against it: a name that is taken, an import that others build on.
    Conflict,
    /// The stage's exit criteria do not hold; the messages list what is missing.
    Gate,
    /// What was sent, or what it unpacks to, is larger than allowed.
    TooLarge,
    /// Somebody else is writing; the same call may succeed later.
    Busy,
    /// Something outside (disk, database, network) or we ourselves failed.
    System,
}

/// What is told to people: in English, and in Chinese where the text is our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: String,
    /// Simplified Chinese; absent where parts of it come from elsewhere and are English.
    pub zh: Option<String>,
}

impl From<&str> for Words {
    fn from(en: &str) -> Self {
        en.to_owned().into()
    }
}

impl From<String> for Words {
    fn from(en: String) -> Self {
        Self { en, zh: None }
    }
}

/// Chinese first, as everywhere.
impl<Z: Into<String>, E: Into<String>> From<(Z, E)> for Words {
    fn from((zh, en): (Z, E)) -> Self {
        Self { en: en.into(), zh: Some(zh.into()) }
    }
}

/// A failed use case: what, where, why, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppError {
    /// Whose fault it is.
    pub fault: Fault,
    /// What happened and where, one sentence a line.
    pub messages: Vec<String>,
    /// The same in Chinese, as many as there are of `messages` or fewer; absent where there is none.
    pub messages_zh: Vec<Option<String>>,
    /// What to do, if that is known.
    pub hint: Option<String>,
    /// The same in Chinese, where there is one.
    pub hint_zh: Option<String>,
}

impl AppError {
    /// The call or the input was wrong.
    pub fn input(message: impl Into<Words>) -> Self {
        Self::of(Fault::Input, message)
    }

    /// Something failed that the caller could not help.
    pub fn system(message: impl Into<Words>) -> Self {
        Self::of(Fault::System, message)
    }

    /// There is no such thing in sight of the asker.
    pub fn not_found(message: impl Into<Words>) -> Self {
        Self::of(Fault::NotFound, message)
    }

    /// A failure of this fault.
    pub fn of(fault: Fault, message: impl Into<Words>) -> Self {
        let Words { en, zh } = message.into();
        Self { fault, messages: vec![en], messages_zh: vec![zh], hint: None, hint_zh: None }
    }

    /// Says more, in a sentence of its own.
    #[must_use]
    pub fn and(mut self, message: impl Into<Words>) -> Self {
        let Words { en, zh } = message.into();
        self.messages_zh.resize(self.messages.len(), None);
        self.messages.push(en);
        self.messages_zh.push(zh);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Words>) -> Self {
        let Words { en, zh } = hint.into();
        (self.hint, self.hint_zh) = (Some(en), zh);
        self
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.messages.join("\n"))
    }
}

impl std::error::Error for AppError {}

/// The result of a use case.
pub type Result<T> = std::result::Result<T, AppError>;
