//! `loudou sql`: a query for analysts.

use std::io::Read;

use app::{AppError, Result, SqlAsk};

use super::open;
use crate::args::SqlArgs;
use crate::context::Context;

pub(crate) async fn run(context: &Context, args: SqlArgs) -> Result<()> {
    let mut query = args.query;
    if query == "-" {
        query.clear();
        std::io::stdin().read_to_string(&mut query).map_err(|error| {
            AppError::input((
                format!("无法从标准输入读取查询：{error}"),
                format!("the query could not be read from standard input: {error}"),
            ))
        })?;
    }
    let ask = SqlAsk {
        common: context.ask()?,
        query,
        timeout_seconds: args.timeout_seconds,
        memory_bytes: args.memory_mib.saturating_mul(1 << 20),
    };
    let answer = open(context).await?.sql(&ask).await?;
    if context.common.json {
        return context.show_json(&answer.to_json()?);
    }
    context.print(&answer.to_table()?)
}
