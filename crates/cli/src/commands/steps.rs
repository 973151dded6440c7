//! `loudou steps`: run, preview.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use app::steps::{StepsAsk, StepsOutcome};
use app::{AppError, Result};

use crate::args::{StepsArgs, StepsCommand};
use crate::context::Context;
use crate::render::printable;

/// Values that are none and are named one by one.
const NAMED: usize = 20;

pub(crate) async fn run(context: &Context, command: &StepsCommand) -> Result<()> {
    match command {
        StepsCommand::Preview(args) => {
            let preview = app::steps::preview(&ask(args)).await?;
            context.show(&preview.steps)?;
            context.show(&preview.table)?;
            preview.failed.map_or(Ok(()), Err)
        }
        StepsCommand::Run { args, out } => {
            let ask = ask(args);
            let outcome = match out {
                None => app::steps::run(&ask, BufWriter::new(io::stdout())).await?,
                // Beside the file first: what is broken off leaves what stood there.
                Some(path) => {
                    let failed = |error: io::Error| {
                        AppError::input((
                            format!("无法写入 {}：{error}", path.display()),
                            format!("{} cannot be written: {error}", path.display()),
                        ))
                        .hint(("请为 --out 给出可以建立的文件", "give --out a file that can be made"))
                    };
                    let partly = path.with_added_extension("partly");
                    let mut file = BufWriter::new(File::create(&partly).map_err(failed)?);
                    let outcome = app::steps::run(&ask, &mut file).await;
                    let written = match outcome {
                        Ok(outcome) => {
                            file.flush().and_then(|()| std::fs::rename(&partly, path)).map_err(failed).map(|()| outcome)
                        }
                        Err(error) => Err(error),
                    };
                    written.inspect_err(|_| drop(std::fs::remove_file(&partly)))?
                }
            };
            tell(context, &outcome);
            Ok(())
        }
    }
}

fn ask(args: &StepsArgs) -> StepsAsk {
    StepsAsk { steps: args.steps.clone(), input: args.input.clone(), tables: args.with.iter().cloned().collect() }
}

/// Rows and issues, on standard error: the table itself may be on standard output.
fn tell(context: &Context, outcome: &StepsOutcome) {
    eprintln!("{}: {}", context.pick("行", "rows"), outcome.rows);
    for issue in outcome.issues.iter().take(NAMED) {
        let at = |row| context.pick(&format!("第 {row} 行"), &format!("row {row}")).to_owned();
        let row = issue.row.map(at);
        let is_out = issue.column.is_empty();
        let told = match (is_out, issue.value.is_empty()) {
            (true, true) => None,
            (true, false) => Some(format!("“{}”", issue.value)),
            (false, _) => Some(format!("{}: “{}”", issue.column, issue.value)),
        };
        let place: Vec<String> = row.into_iter().chain(told).collect();
        let (between, message) = (context.pick("，", ", "), context.pick(&issue.message.zh, &issue.message.en));
        let out = if is_out { context.pick("（该行未写出）", " (the row stays out)") } else { "" };
        eprintln!("{}", printable(&format!("{}: {message}{out}", place.join(between))));
    }
    if outcome.issue_count() > 0 {
        eprintln!("{}: {}", context.pick("读不出的值", "values that could not be read"), outcome.issue_count());
    }
}
