//! `loudou demo`: a demonstration company in an empty data directory.

use app::demo::{Cause, Causes};
use app::{AppError, Result};
use serde_json::json;

use crate::args::DemoArgs;
use crate::context::Context;
use crate::progress::Progress;

pub(crate) async fn run(context: &Context, args: DemoArgs) -> Result<()> {
    if args.list_causes {
        return list_causes(context);
    }
    let left_out = args.without.iter().map(|key| cause(key)).collect::<Result<Vec<_>>>()?;
    let until = context.day("--until", args.until.as_deref())?;
    let (place, now, causes) = (context.place()?, context.now(), Causes::without(&left_out));
    let progress = Progress::new(context.lang_is_zh());
    let report = app::demo::fill(&place, now, args.seed, until, &causes, &|step| progress.tell(&step)).await;
    progress.finish();
    let report = report?;
    if context.common.json {
        return context.show_json(&report.to_json());
    }
    let mut out = format!(
        "{}\n",
        context.pick("演示公司已建立（全部为虚构数据）", "The demonstration company is in (all of it made up)")
    );
    for (name, count) in report.summary(context.lang_is_zh()) {
        out.push_str(&format!("  {name}: {count}\n"));
    }
    context.print(&out)
}

fn cause(key: &str) -> Result<Cause> {
    Cause::parse(key).ok_or_else(|| {
        let known: Vec<_> = Cause::ALL.iter().map(|cause| cause.key()).collect();
        AppError::input((format!("没有预设原因“{key}”"), format!("there is no planted cause `{key}`")))
            .hint(format!("the causes are: {}", known.join(", ")))
    })
}

fn list_causes(context: &Context) -> Result<()> {
    if context.common.json {
        let rows: Vec<_> = Cause::ALL
            .iter()
            .map(|cause| json!({"cause": cause.key(), "zh": cause.describe().0, "en": cause.describe().1}))
            .collect();
        return context.show_json(&json!({"terms": {}, "rows": rows}));
    }
    let lines = Cause::ALL.iter().map(|cause| {
        let (zh, en) = cause.describe();
        format!("{:<14} {}\n", cause.key(), context.pick(zh, en))
    });
    context.print(&lines.collect::<String>())
}
