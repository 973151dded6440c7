//! `loudou dedupe`: find, merge, undo, list.

use std::collections::BTreeMap;

use app::duplicates::{
    DuplicatesAsk, MergeAsk, MergedAll, Picked, Strategy, Unmerged, found_answer, kind, merges_answer,
};
use app::{AppError, Loudou, Result};
use serde_json::json;

use super::open;
use crate::args::{DedupeArgs, DedupeCommand};
use crate::context::Context;

pub(crate) async fn run(context: &Context, command: &DedupeCommand) -> Result<()> {
    let loudou = open(context).await?;
    match command {
        DedupeCommand::Find { what, limit } => {
            let ask = DuplicatesAsk { kind: kind(&what.kind)?, min_score: what.min_score, limit: *limit, skip: 0 };
            context.show(&found_answer(&loudou.duplicates(&ask).await?, what.min_score))
        }
        DedupeCommand::Merge { what, records, strategy, apply } => {
            let strategy = parse(strategy)?;
            match records.as_slice() {
                [survivor, merged @ ..] => one(context, &loudou, what, *survivor, merged, strategy).await,
                [] => all(context, &loudou, what, strategy, *apply).await,
            }
        }
        DedupeCommand::Undo { merge } => undone(context, &loudou.undo_merge(*merge).await?),
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
    let MergedAll { clusters, merged, left, merges } =
        loudou.merge_all(kind(&what.kind)?, what.min_score, strategy, !apply).await?;
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
        (true, true) => format!("{clusters} 组：已并入 {merged} 条，剩 {left} 条。逐个撤销：loudou dedupe list\n"),
        (true, false) => {
            format!(
                "{clusters} clusters: {merged} records went, {left} stay. Each can be taken back: loudou dedupe list\n"
            )
        }
    };
    context.print(&text)
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
