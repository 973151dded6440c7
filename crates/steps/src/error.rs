//! Why steps cannot be read or run: which step, what, and what to do.

use thiserror::Error;

/// Why steps cannot be read or run.
#[derive(Debug, Error)]
pub enum StepsError {
    /// The file of the steps is no TOML, or not of the format.
    #[error("{place}: {message}")]
    File {
        /// The line, or the step.
        place: String,
        /// What is wrong there.
        message: String,
    },
    /// A step does not fit the table that comes to it.
    #[error("step {step} ({action}{}): {message}", .name.as_ref().map(|name| format!(", “{name}”")).unwrap_or_default())]
    Step {
        /// Its place, from 1 on.
        step: usize,
        /// What it does.
        action: &'static str,
        /// What it is called.
        name: Option<String>,
        /// What is wrong, and what to do.
        message: String,
    },
    /// A table cannot be read.
    #[error(transparent)]
    Input(#[from] ingest::Refusal),
    /// The result cannot be written.
    #[error("the result cannot be written: {0}")]
    Output(String),
    /// The engine failed.
    #[error("the steps broke off: {0}")]
    Engine(String),
}

impl From<datafusion::error::DataFusionError> for StepsError {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        Self::Engine(error.strip_backtrace())
    }
}
