//! What can go wrong in a use case, as facts that an edge (terminal, HTTP) turns into advice.

use std::fmt;

/// Whose fault a failure is, which decides the exit code or status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The input or the call was wrong; nothing was changed.
    Input,
    /// Something outside (disk, database, network) or we ourselves failed.
    System,
}

/// A failed use case: what, where, why, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppError {
    /// Whose fault it is.
    pub fault: Fault,
    /// What happened and where, one sentence a line.
    pub messages: Vec<String>,
    /// What to do, if that is known.
    pub hint: Option<String>,
}

impl AppError {
    /// The call or the input was wrong.
    pub fn input(message: impl Into<String>) -> Self {
        Self { fault: Fault::Input, messages: vec![message.into()], hint: None }
    }

    /// Something failed that the caller could not help.
    pub fn system(message: impl Into<String>) -> Self {
        Self { fault: Fault::System, messages: vec![message.into()], hint: None }
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
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
