//! `loudou rates`: list, set.

use app::Result;
use serde_json::json;

use super::open;
use crate::args::RatesCommand;
use crate::context::Context;

pub(crate) async fn run(context: &Context, command: &RatesCommand) -> Result<()> {
    match command {
        RatesCommand::List => context.show(&open(context).await?.rates().await?),
        RatesCommand::Set { file } => {
            let count = open(context).await?.set_rates(file).await?;
            if context.common.json {
                return context.show_json(&json!({"terms": {}, "rows": [{"rates": count}]}));
            }
            context.print(&format!("{}: {count}\n", context.pick("已写入汇率", "rates written")))
        }
    }
}
