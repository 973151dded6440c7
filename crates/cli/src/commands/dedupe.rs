//! `loudou dedupe`: find, merge, undo, list.

use std::collections::BTreeMap;

use app::duplicates::{
    DuplicatesAsk, MergeAllAsk, MergeAsk, MergedAll, Picked, Strategy, Unmerged, UnmergedAll, found_answer, kind,
    merges_answer, word,
};
use app::{AppError, Loudou, Result};
use serde_json::json;

use super::open;
use crate::args::{DedupeArgs, DedupeCommand};
use crate::context::Context;
use crate::progress::Progress;

pub(crate) async fn run(context: &Context, command: &DedupeCommand) -> Result<()> {
    let loudou = open(context).await?;
    match command {
        DedupeCommand::Find { what, limit } => {
            let ask = DuplicatesAsk { kind: kind(&what.kind)?, min_score: what.min_score, limit: *limit, skip: 0 };
            let watching = Progress::new(context.lang_is_zh());
            let found = loudou.duplicates_followed(&ask, &watching).await;
            watching.finish();
            context.show(&found_answer(&found?, what.min_score))
        }
        DedupeCommand::Merge { what, records, strategy, apply } => {
            let strategy = parse(strategy)?;
            match records.as_slice() {
                [survivor, merged @ ..] => one(context, &loudou, what, *survivor, merged, strategy).await,
                [] => all(context, &loudou, what, strategy, *apply).await,
            }
        }
        DedupeCommand::Undo { merge, batch: true } => batch_undone(context, &loudou, *merge).await,
        DedupeCommand::Undo { merge, batch: false } => undone(context, &loudou.undo_merge(*merge).await?),
        DedupeCommand::List { limit } => {
            context.show(&merges_answer(&loudou.merges(None, *limit).await?, loudou.calendar()))
        }
    }
}

fn parse(strategy: &str) -> Result<Strategy> {
    Strategy::parse(strategy).ok_or_else(|| {
        let words: Vec<_> = Strategy::WORDS.iter().map(|(word, _)| *word).collect();
        AppError::input((format!("没有策略“{strategy}”"), format!("there is no strategy `{strategy}`")))
            .hint((format!("可选：{}", words.join("、")), format!("choose one of {}", words.join(", "))))
    })
}

async fn one(
    context: &Context,
    loudou: &Loudou,
    what: &DedupeArgs,
    survivor: i64,
    merged: &[i64],
    strategy: Strategy,
) -> Result<()> {
    let picked = |id: &i64| Picked { id: *id, version: None };
    let ask = MergeAsk {
        kind: kind(&what.kind)?,
        survivor: picked(&survivor),
        merged: merged.iter().map(picked).collect(),
        strategy,
        fields: BTreeMap::new(),
    };
    let merged = loudou.merge(&ask).await?;
    if context.common.json {
        let row = json!({"survivor": merged.survivor, "merges": merged.merges});
        return context.show_json(&json!({"terms": {}, "rows": [row]}));
    }
    let numbers: Vec<String> = merged.merges.iter().map(ToString::to_string).collect();
    let words = context.pick("已并入；撤销用 loudou dedupe undo", "merged; to take one back: loudou dedupe undo");
    context.print(&format!("{}: {words} {}\n", merged.survivor, numbers.join(" | ")))
}

async fn all(context: &Context, loudou: &Loudou, what: &DedupeArgs, strategy: Strategy, apply: bool) -> Result<()> {
    let ask =
        MergeAllAsk { kind: kind(&what.kind)?, min_score: what.min_score, strategy, dry_run: !apply, found: None };
    let watching = Progress::new(context.lang_is_zh());
    let done = loudou.merge_all(&ask, &watching).await;
    watching.finish();
    let MergedAll { clusters, merged, left, merges, .. } = done?;
    if context.common.json {
        let row = json!({
            "clusters": clusters, "merged": merged, "left": left, "dry_run": !apply,
            "first_merge": merges.map(|(first, _)| first), "last_merge": merges.map(|(_, last)| last),
        });
        return context.show_json(&json!({"terms": {"min_score": what.min_score, "kind": what.kind}, "rows": [row]}));
    }
    let text = match (apply, context.lang_is_zh()) {
        (false, true) => format!("{clusters} 组：将并入 {merged} 条，剩 {left} 条。尚未更改；加 --apply 执行\n"),
        (false, false) => {
            format!(
                "{clusters} clusters: {merged} records would go, {left} stay. Nothing was changed; add --apply to do it\n"
            )
        }
        (true, true) => format!("{clusters} 组：已并入 {merged} 条，剩 {left} 条。{}\n", undo_with(context, merges)),
        (true, false) => {
            format!("{clusters} clusters: {merged} records went, {left} stay. {}\n", undo_with(context, merges))
        }
    };
    context.print(&text)
}

/// How all that was merged is taken back.
fn undo_with(context: &Context, merges: Option<(i64, i64)>) -> String {
    let Some((batch, _)) = merges else { return String::new() };
    let words = context.pick("全部撤销", "To take all of it back");
    format!("{words}: loudou dedupe undo {batch} --batch")
}

async fn batch_undone(context: &Context, loudou: &Loudou, batch: i64) -> Result<()> {
    let watching = Progress::new(context.lang_is_zh());
    let done = loudou.undo_merges(batch, &watching).await;
    watching.finish();
    let UnmergedAll { batch, kind, back, edited } = done?;
    if context.common.json {
        let row = json!({"batch": batch, "kind": word(kind), "back": back, "edited": edited});
        return context.show_json(&json!({"terms": {}, "rows": [row]}));
    }
    let (words, kept) = (
        context.pick("条记录已恢复", "records are there again"),
        context
            .pick("保留的记录其后有人修改，修改未动", "records that stayed were changed since; the changes are kept"),
    );
    context.print(&format!("{back} {words}\n"))?;
    if edited > 0 { context.print(&format!("{kept}: {edited}\n")) } else { Ok(()) }
}

fn undone(context: &Context, unmerged: &Unmerged) -> Result<()> {
    let Unmerged { merge, edits } = unmerged;
    if context.common.json {
        let edits: Vec<_> = edits
            .iter()
            .map(|edit| {
                let fields: Vec<&str> = edit.fields.iter().map(|(_, en)| en.as_str()).collect();
                json!({"at": edit.at.to_string(), "actor": edit.actor, "fields": fields})
            })
            .collect();
        let row = json!({"merge_id": merge.id, "record": merge.record.0, "into": merge.into.0, "edits": edits});
        return context.show_json(&json!({"terms": {}, "rows": [row]}));
    }
    let words = context.pick("已恢复", "is there again");
    context.print(&format!("{} {} {words}\n", merge.record.0, merge.record.1))?;
    if !edits.is_empty() {
        let kept = context.pick("此后对保留记录的修改未动", "changes of the record that stayed, made since, are kept");
        context.print(&format!("{kept}: {}\n", edits.len()))?;
    }
    Ok(())
}
