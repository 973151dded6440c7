//! How good the records are.

use app::quality::{FixAsk, QualityAsk, QualityBy, QualityTrendAsk, fixes_answer, inferred_answer, rules_answer};
use app::{AppError, Ask, Result};
use clap::{Args, Subcommand};
use domain::calendar::Grain;
use domain::quality::Of;

use super::open;
use crate::context::Context;
use crate::progress::Progress;

/// Options of `loudou quality`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct QualityArgs {
    #[command(subcommand)]
    command: Option<QualityCommand>,
    /// Only deals, or only customers.
    #[arg(long, value_name = "deal|customer", value_parser = of)]
    of: Option<Of>,
}

#[derive(Debug, Subcommand)]
enum QualityCommand {
    /// The rules with their weights and thresholds.
    Rules,
    /// Scores at the ends of the last months.
    Trend {
        /// How many.
        #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=120))]
        points: u32,
    },
    /// Records that fail rules, the worst and most valuable first.
    Fix(FixArgs),
    /// Industries inferred for customers that have none; nothing is written unless that is said.
    Infer {
        /// Write them, marked as inferred.
        #[arg(long)]
        apply: bool,
        /// The share of answers that is to be right, 0.5 to 0.99.
        #[arg(long, default_value_t = 0.9)]
        accuracy: f64,
    },
}

#[derive(Debug, Args)]
struct FixArgs {
    /// Only deals, or only customers.
    #[arg(long, value_name = "deal|customer", value_parser = of)]
    of: Option<Of>,
    /// Only records that fail this rule.
    #[arg(long, value_name = "KEY")]
    rule: Option<String>,
    /// Only deals in the stage of this key.
    #[arg(long, value_name = "KEY")]
    stage: Option<String>,
    /// How many records.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
}

fn of(word: &str) -> std::result::Result<Of, String> {
    Of::parse(word).ok_or_else(|| "write deal or customer".to_owned())
}

pub(crate) async fn run(context: &Context, args: QualityArgs) -> Result<()> {
    let loudou = open(context).await?;
    let mut common = context.ask()?;
    match args.command {
        None => {
            let by = by(&mut common)?;
            context.show(&loudou.quality(&QualityAsk { common, of: args.of, by }).await?)
        }
        Some(QualityCommand::Rules) => context.show(&rules_answer(&loudou.quality_rules().await?)),
        Some(QualityCommand::Trend { points }) => {
            context.show(&loudou.quality_trend(&QualityTrendAsk { common, every: Grain::Month, points }).await?)
        }
        Some(QualityCommand::Fix(args)) => {
            let FixArgs { of, rule, stage, limit } = args;
            let ask = FixAsk { common, of, rule, stage, limit: limit.into(), ..FixAsk::default() };
            context.show(&fixes_answer(&loudou.quality_fixes(&ask).await?))
        }
        Some(QualityCommand::Infer { apply, accuracy }) => {
            app::require_everybody(&context.common.scope)?;
            let progress = Progress::new(context.lang_is_zh());
            if apply {
                let written = loudou.apply_inferred(accuracy, &progress).await;
                progress.finish();
                let written = written?;
                if !context.common.json {
                    let zh = format!("写入 {written} 个客户，标为推断。\n");
                    let en = format!("{written} customers were written to, marked as inferred.\n");
                    context.print(context.pick(&zh, &en))?;
                }
            }
            let list = loudou.inferred_followed(accuracy, &progress).await;
            progress.finish();
            context.show(&inferred_answer(&list?))
        }
    }
}

/// What scores are told by: `--by`, which elsewhere names dimensions.
fn by(common: &mut Ask) -> Result<QualityBy> {
    let words: Vec<&str> = QualityBy::WORDS.iter().map(|(word, _)| *word).collect();
    match std::mem::take(&mut common.by).as_slice() {
        [] => Ok(QualityBy::All),
        [one] if QualityBy::parse(one).is_some() => Ok(QualityBy::parse(one).unwrap_or(QualityBy::All)),
        other => Err(AppError::input((
            format!("质量不能按“{}”查看", other.join("、")),
            format!("quality cannot be told by `{}`", other.join(",")),
        ))
        .hint(format!("give --by one of {}", words.join(", ")))),
    }
}
