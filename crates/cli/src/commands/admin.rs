//! `init`, `backup`, `restore`, `doctor`.

use std::path::Path;

use app::{Loudou, Organisation, Result};
use serde_json::json;

use super::open;
use crate::args::InitArgs;
use crate::context::Context;

pub(crate) async fn init(context: &Context, args: InitArgs) -> Result<()> {
    let organisation = Organisation::parse(&args.name, &args.zone, &args.home_currency, args.fiscal_start_month)?;
    Loudou::init(&context.place()?, &organisation, context.now()).await?;
    say(
        context,
        &json!({"data": context.data_dir(), "name": organisation.name}),
        &format!(
            "{} {}\n{}\n",
            context.pick("已建立", "Made"),
            context.data_dir().display(),
            context.pick("下一步：loudou import run PROFILE 文件夹", "Next: loudou import run PROFILE FOLDER"),
        ),
    )
}

pub(crate) async fn backup(context: &Context, file: &Path) -> Result<()> {
    let loudou = open(context).await?;
    let bytes = loudou.backup(file).await?;
    let secrets = app::sources::secrets_of(&loudou).await?;
    let mut text =
        format!("{} {} ({:.1} MiB)\n", context.pick("备份写入", "Backup written to"), file.display(), mib(bytes));
    if secrets > 0 {
        text.push_str(context.pick(
            "来源的密码和令牌在备份中是加密的：请另行保存密钥（数据目录中的 secret.key，或 LOUDOU_SECRET_KEY）\n",
            "The passwords and tokens of sources are encrypted in it: keep their key apart (secret.key in the data directory, or LOUDOU_SECRET_KEY)\n",
        ));
    }
    say(context, &json!({"file": file, "bytes": bytes, "secrets": secrets}), &text)
}

pub(crate) async fn restore(context: &Context, file: &Path) -> Result<()> {
    let entries = Loudou::restore(&context.place()?, file).await?;
    say(
        context,
        &json!({"file": file, "entries": entries}),
        &format!(
            "{} {} ({entries} {})\n",
            context.pick("已恢复", "Restored"),
            file.display(),
            context.pick("条日志", "journal entries"),
        ),
    )
}

pub(crate) async fn doctor(context: &Context) -> Result<()> {
    let (answer, healthy) = app::doctor::examine(&context.place()?, context.now()).await?;
    context.show(&answer)?;
    if healthy {
        return Ok(());
    }
    Err(app::AppError::system(context.pick("有检查未通过", "a check did not pass"))
        .hint(context.pick("按上表最后一列处理", "see the last column above")))
}

fn say(context: &Context, row: &serde_json::Value, text: &str) -> Result<()> {
    if context.common.json {
        return context.show_json(&json!({"terms": {}, "rows": [row]}));
    }
    context.print(text)
}

#[allow(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
