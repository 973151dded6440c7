//! Why steps cannot be read or run: which step, what, and what to do, in both languages.

use datafusion::error::DataFusionError;
use domain::words::Text2;
use thiserror::Error;

/// Why steps cannot be read or run.
#[derive(Debug, Clone, Error)]
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
    #[error("step {step} ({action}{}): {}", .name.as_ref().map(|name| format!(", “{name}”")).unwrap_or_default(), .message.en)]
    Step {
        /// Its place, from 1 on.
        step: usize,
        /// What it does.
        action: &'static str,
        /// What it is called.
        name: Option<String>,
        /// What is wrong, and what to do.
        message: Text2,
    },
    /// A table cannot be read.
    #[error(transparent)]
    Input(#[from] ingest::Refusal),
    /// Whoever watched stopped it.
    #[error("the steps were stopped")]
    Stopped,
    /// More memory, disk or rows than steps may take.
    #[error("{}", .0.en)]
    TooLarge(Text2),
    /// The result cannot be written.
    #[error("the result cannot be written: {0}")]
    Output(String),
    /// The engine failed.
    #[error("the steps broke off: {0}")]
    Engine(String),
}

impl StepsError {
    /// The same in Chinese; what comes from below (a reader, the engine, the disk) stays as it is.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::File { place, message } => match place.split_once(' ') {
                Some(("step", number)) => format!("第 {number} 步：{message}"),
                Some(("line", number)) => format!("第 {number} 行：{message}"),
                _ => format!("{place}：{message}"),
            },
            Self::Step { step, action, name, message } => {
                let name = name.as_ref().map(|name| format!("，“{name}”")).unwrap_or_default();
                format!("第 {step} 步（{action}{name}）：{}", message.zh)
            }
            Self::Input(refusal) => refusal.faults.iter().map(ingest::Fault::zh).collect::<Vec<_>>().join("\n"),
            Self::Stopped => "清洗已停止".to_owned(),
            Self::TooLarge(message) => message.zh.clone(),
            Self::Output(why) => format!("无法写出结果：{why}"),
            Self::Engine(why) => format!("清洗中断：{why}"),
        }
    }
}

impl From<DataFusionError> for StepsError {
    fn from(error: DataFusionError) -> Self {
        // What a reader or a function found wrong comes through the engine as it is.
        match error.find_root() {
            DataFusionError::External(inner) => {
                if let Some(refusal) = inner.downcast_ref::<ingest::Refusal>() {
                    return Self::Input(refusal.clone());
                }
                inner.downcast_ref::<Self>().cloned().unwrap_or_else(|| Self::Engine(error.strip_backtrace()))
            }
            DataFusionError::ResourcesExhausted(why) => Self::TooLarge(Text2::new(
                format!("这些步骤需要的内存或磁盘超出上限；被连接的表须能放入内存：请先去掉不需要的列和行（{why}）"),
                format!(
                    "the steps need more memory or disk than they may take; of a join the other table has to fit in \
                     memory: take out the columns and rows that are not needed before ({why})"
                ),
            )),
            _ => Self::Engine(error.strip_backtrace()),
        }
    }
}
