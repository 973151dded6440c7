//! `loudou model`: tables and joins, the fields of a table, the unmatched keys of a reference.

use app::Result;
use clap::Args;

use super::open;
use crate::context::Context;

/// What is looked at.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// A table, by its kind: show its fields and how full they are.
    #[arg(value_name = "TABLE")]
    table: Option<String>,
    /// A reference of the table: show the keys that nothing describes.
    #[arg(value_name = "FIELD", requires = "table")]
    field: Option<String>,
    /// Show the joins instead of the tables.
    #[arg(long, conflicts_with = "table")]
    joins: bool,
}

pub(crate) async fn run(context: &Context, args: &ModelArgs) -> Result<()> {
    let loudou = open(context).await?;
    let answer = match (&args.table, &args.field) {
        (Some(table), Some(field)) => loudou.loose_answer(table, field).await?,
        (Some(table), None) => loudou.model_table(table).await?,
        (None, _) if args.joins => loudou.model().await?.joins_answer(),
        (None, _) => loudou.model().await?.tables_answer(),
    };
    context.show(&answer)
}
