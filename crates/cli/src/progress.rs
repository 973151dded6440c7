//! Progress of long work on the terminal: what is done, the rate, the time that remains.
//!
//! It goes to standard error, and only to a terminal: pipes and logs see nothing of it.

use std::time::Duration;

use app::{Follow, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that follows the steps of one piece of work.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    zh: bool,
}

impl Progress {
    /// A bar, hidden unless standard error is a terminal.
    pub(crate) fn new(zh: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        bar.set_style(spinner());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, zh }
    }

    /// Shows where the work is.
    pub(crate) fn tell(&self, step: &Step) {
        match step {
            Step::Doing(what) => {
                self.bar.set_style(spinner());
                self.bar.set_message(if self.zh { what.zh } else { what.en });
            }
            Step::Reading { file, rows, bytes_done, bytes_total } => {
                if self.bar.length() != Some(*bytes_total) {
                    self.bar.set_style(bytes());
                    self.bar.set_length(*bytes_total);
                }
                self.bar.set_message(format!("{file}: {rows} rows"));
                self.bar.set_position(*bytes_done);
            }
            Step::Pulling { rows, bytes } => {
                self.bar.set_style(spinner());
                let (rows_word, mib) = (if self.zh { "行" } else { "rows" }, bytes >> 20);
                self.bar.set_message(format!("{rows} {rows_word} · {mib} MiB"));
            }
            Step::Through { what, done, total, .. } => {
                let what = if self.zh { what.zh } else { what.en };
                if self.bar.length() != Some(*total) || self.bar.message() != what {
                    self.bar.set_style(counted());
                    self.bar.set_length(*total);
                    self.bar.set_message(what);
                    self.bar.reset_eta();
                }
                self.bar.set_position(*done);
            }
            Step::Writing { done, total } => {
                if self.bar.length() != Some(*total) {
                    self.bar.set_style(rows());
                    self.bar.set_length(*total);
                    self.bar.reset_eta();
                }
                self.bar.set_position(*done);
            }
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Follow for Progress {
    fn tell(&self, step: Step) {
        Self::tell(self, &step);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn spinner() -> ProgressStyle {
    style("{spinner} {msg} {elapsed}")
}

fn bytes() -> ProgressStyle {
    style("{bar:30} {percent}% {bytes_per_sec} · {eta} left · {msg}")
}

fn counted() -> ProgressStyle {
    style("{bar:30} {percent}% {human_pos}/{human_len} · {per_sec} · {eta} left · {msg}")
}

fn rows() -> ProgressStyle {
    style("{bar:30} {percent}% {human_pos}/{human_len} rows · {per_sec} · {eta} left")
}
