//! `loudou`: the composition root. It reads the configuration, the clock and the terminal, hands them to the
//! use cases of `app`, and turns answers into tables, errors into advice and exit codes.
//!
//! No rule lives here.

mod args;
mod clock;
mod commands;
mod context;
mod progress;
mod render;
mod source_args;

use std::process::ExitCode;

use app::{AppError, Fault};
use clap::Parser;

use crate::args::Cli;
use crate::context::Context;

/// The input or the call was wrong, and nothing was changed.
const EXIT_INPUT: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let context = Context::new(cli.common);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&context, &AppError::system(format!("no threads can be started: {error}"))),
    };
    match runtime.block_on(commands::run(&context, cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&context, &error),
    }
}

fn fail(context: &Context, error: &AppError) -> ExitCode {
    let head = context.pick("错误", "error");
    for (at, message) in error.messages.iter().enumerate() {
        let zh = error.messages_zh.get(at).and_then(Option::as_deref);
        eprintln!("{head}: {}", render::printable(context.pick(zh.unwrap_or(message), message)));
    }
    if let Some(hint) = &error.hint {
        let zh = error.hint_zh.as_deref().unwrap_or(hint);
        eprintln!("{}: {}", context.pick("怎么办", "what to do"), context.pick(zh, hint));
    }
    match error.fault {
        Fault::System | Fault::Busy => ExitCode::FAILURE,
        _ => ExitCode::from(EXIT_INPUT),
    }
}
