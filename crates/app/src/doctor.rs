//! A look at what may be wrong with the data, and what to do about it.

use domain::Instant;
use store::Store;
use warehouse::Warehouse;

use crate::answer::{Answer, Cell, Column, Terms, Unit};
use crate::{Place, Result};

struct Findings {
    answer: Answer,
    healthy: bool,
}

impl Findings {
    fn tell(&mut self, check: (&str, &str), good: bool, found: String, todo: (&str, &str)) {
        self.healthy &= good;
        let (zh, en) = check;
        let (result_zh, result_en, key) = if good { ("正常", "good", "good") } else { ("异常", "bad", "bad") };
        let (todo_zh, todo_en) = if good { ("", "") } else { todo };
        let name =
            |zh: &str, en: &str, key: &str| Cell::Name { zh: zh.to_owned(), en: en.to_owned(), key: key.to_owned() };
        self.answer.push(vec![
            name(zh, en, en),
            name(result_zh, result_en, key),
            Cell::Text(found),
            name(todo_zh, todo_en, todo_en),
        ]);
    }
}

/// Examines a place. Returns what was found, and whether all of it is good.
///
/// # Errors
/// The examination itself failed.
pub async fn examine(place: &Place, now: Instant) -> Result<(Answer, bool)> {
    let columns = vec![
        Column::new("check", "检查", "check", Unit::Text),
        Column::new("result", "结果", "result", Unit::Text),
        Column::new("found", "情况", "found", Unit::Text),
        Column::new("todo", "处理", "what to do", Unit::Text),
    ];
    let answer = Answer::new("体检", "Doctor", Terms::default().with("at", now.to_string()), columns);
    let mut findings = Findings { answer, healthy: true };
    let found = place.find_store().await;
    findings.tell(
        ("数据目录", "data directory"),
        !matches!(found, Ok(None)),
        place.name(),
        ("用 --data 指明数据目录，或先 loudou init", "name the directory by --data, or begin with `loudou init`"),
    );
    let store = match found {
        Ok(Some(store)) => store,
        Ok(None) => return Ok((findings.answer, false)),
        Err(error) => {
            let todo = (
                "检查数据库地址与权限；必要时用备份恢复",
                "check the database's address and rights; restore a backup if need be",
            );
            findings.tell(("数据库", "database"), false, error.to_string(), todo);
            return Ok((findings.answer, false));
        }
    };
    journal(&mut findings, &store).await?;
    let opened = Warehouse::open(store.clone(), place.checkpoint_dir()).await;
    let todo = (
        "删除数据目录下的 warehouse 文件夹，下次会由日志重建",
        "delete the folder `warehouse` in the data directory; it is rebuilt from the journal",
    );
    match opened {
        Ok((warehouse, how)) => {
            let (deals, megabytes) = (warehouse.snapshot().deals(), warehouse.snapshot().bytes() >> 20);
            let found = format!("{how}; {deals} deals, {megabytes} MiB");
            findings.tell(("分析仓", "warehouse"), true, found, todo);
        }
        Err(error) => findings.tell(("分析仓", "warehouse"), false, error.to_string(), todo),
    }
    Ok((findings.answer, findings.healthy))
}

async fn journal(findings: &mut Findings, store: &Store) -> Result<()> {
    let check = store.check().await?;
    let mut found = format!("{} entries, head {}", check.entries, check.head);
    for finding in &check.engine_findings {
        found.push_str("; ");
        found.push_str(finding);
    }
    let todo = ("停止写入，用最近的备份恢复", "stop writing and restore the latest backup");
    findings.tell(("日志", "journal"), check.is_sound(), found, todo);
    Ok(())
}
