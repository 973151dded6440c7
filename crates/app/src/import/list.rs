//! The imports so far, and taking one back.

use domain::field::ids;
use domain::journal::SYSTEM_ACTOR;
use domain::people::May;
use domain::{Instant, Kind};
use store::{Import, ImportState};

use super::UndoReport;
use crate::answer::{Answer, Cell, Column, Terms, Unit, why};
use crate::{AppError, Fault, Loudou, Result};

/// An import, as people see it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportSeen {
    /// Its id.
    pub id: i64,
    /// The profile that read it.
    pub profile: String,
    /// The namespace of its external ids.
    pub source: String,
    /// Names of its files.
    pub files: Vec<String>,
    /// When it was written.
    pub at: Instant,
    /// Who imported; absent where the program did by itself.
    pub actor: Option<String>,
    /// Whether it was taken back.
    pub is_undone: bool,
    /// Rows read, rejected and so on, as it counted them.
    pub counts: serde_json::Value,
    /// Later imports that build on it and have to be undone before it, the latest first.
    pub blocked_by: Vec<i64>,
}

impl Loudou {
    /// The imports so far, the latest first.
    ///
    /// # Errors
    /// The asker may not import, or the database cannot be read.
    pub async fn imports_seen(&self) -> Result<Vec<ImportSeen>> {
        self.who.require(May::Import)?;
        let imports = self.store.imports().await?;
        let mut actors: Vec<_> = imports.iter().map(|import| import.actor).filter(|id| *id != SYSTEM_ACTOR).collect();
        actors.sort_unstable();
        actors.dedup();
        let people = self.store.records(Kind::Person, &actors).await?;
        let name = |id| {
            let person = people.iter().find(|person| person.id == id)?;
            Some(person.text(ids::PERSON_NAME)?.to_owned())
        };
        let seen = imports.iter().rev().map(|import| ImportSeen {
            id: import.id,
            profile: import.profile.clone(),
            source: import.source.clone(),
            files: import.files.clone(),
            at: import.finished_at,
            actor: name(import.actor),
            is_undone: import.state == ImportState::Undone,
            counts: import.counts.clone(),
            blocked_by: built_on(&imports, import),
        });
        Ok(seen.collect())
    }

    /// One import.
    ///
    /// # Errors
    /// There is none of this id, and as [`Loudou::imports_seen`].
    pub async fn import_seen(&self, import: i64) -> Result<ImportSeen> {
        let found = self.imports_seen().await?.into_iter().find(|seen| seen.id == import);
        found.ok_or_else(|| AppError::not_found((format!("没有导入 {import}"), format!("there is no import {import}"))))
    }

    /// The imports so far.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn imports(&self) -> Result<Answer> {
        self.who.require(May::Import)?;
        let columns = vec![
            Column::new("import_id", "编号", "import", Unit::Count),
            Column::new("profile", "配置", "profile", Unit::Text),
            Column::new("finished_on", "日期", "date", Unit::Date),
            Column::new("entries", "日志条数", "entries", Unit::Count),
            Column::new("opportunities", "新商机", "new deals", Unit::Count),
            Column::new("state", "状态", "state", Unit::Text),
            Column::new("files", "文件", "files", Unit::Text),
        ];
        let mut answer = Answer::new("导入", "Imports", Terms::default(), columns);
        for import in self.store.imports().await? {
            let count = |key: &str| import.counts[key].as_i64().map_or(Cell::Undefined(why::NOT_COUNTED), Cell::Int);
            let (zh, en) = match import.state {
                ImportState::Done => ("有效", "done"),
                ImportState::Undone => ("已撤销", "undone"),
            };
            answer.push(vec![
                Cell::Int(import.id),
                Cell::Text(import.profile.clone()),
                Cell::Date(self.calendar.day(import.finished_at)),
                count("entries"),
                count("opportunities"),
                Cell::Name { zh: zh.into(), en: en.into(), key: import.state.as_str().into() },
                Cell::Text(import.files.join(", ")),
            ]);
        }
        Ok(answer)
    }

    /// Takes an import back. Later imports of the same source build on its records, so they go first.
    ///
    /// # Errors
    /// There is no such import, it was undone before, or a later one of its source stands.
    pub async fn undo_import(&self, import: i64) -> Result<UndoReport> {
        self.who.require(May::Import)?;
        let mut writer = self.store.begin().await?;
        let imports = self.store.imports().await?;
        if let Some(own) = imports.iter().find(|own| own.id == import && own.state == ImportState::Done) {
            let later = built_on(&imports, own);
            if let [last, ..] = later.as_slice() {
                let all = later.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                return Err(AppError::of(
                    Fault::Conflict,
                    (
                        format!("“{}”后来的导入建立在导入 {import} 之上，须先撤销它们：{all}", own.source),
                        format!(
                            "import {import} cannot be undone while later imports of `{}` build on it: {all}",
                            own.source
                        ),
                    ),
                )
                .hint((format!("请从最新的开始撤销：导入 {last}"), format!("undo the latest first: import {last}"))));
            }
        }
        let undo = writer.retract_import(import, self.who.actor, self.now).await?;
        self.give_back(&mut writer, &undo).await?;
        writer.commit().await?;
        UndoReport::new(&self.store, undo).await
    }
}

/// Later imports of the same source that count, the latest first: they build on its records.
fn built_on(imports: &[Import], own: &Import) -> Vec<i64> {
    let after = |later: &&Import| later.id > own.id && later.source == own.source && later.state == ImportState::Done;
    imports.iter().rev().filter(after).map(|later| later.id).collect()
}
