//! `loudou source`: add, list, show, change, secret, test, pull, run, due, history, remove, rekey.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, IsTerminal};
use std::path::Path;
use std::sync::Arc;

use app::access::{Access, Action, Caller, Random};
use app::answer::{Answer, Cell, Column, Terms, Unit};
use app::sources::{
    By, Cause, Definition, Folders, NewSource, RecipeChoice, RunSeen, Secret, SourceChange, SourceSeen, Sources,
};
use app::{AppError, Loudou, Result};
use serde_json::json;

use super::open;
use crate::context::Context;
use crate::progress::Progress;
use crate::source_args::{SecretCommand, SourceAddArgs, SourceChangeArgs, SourceCommand};

/// One run's data and the door to its sources.
struct House<'a> {
    context: &'a Context,
    loudou: Loudou,
    sources: Sources,
}

pub(crate) async fn run(context: &Context, command: SourceCommand) -> Result<()> {
    let loudou = open(context).await?;
    let sources = context.sources(&loudou, Folders::Any)?;
    let house = House { context, loudou, sources };
    match command {
        SourceCommand::Add(args) => house.add(args).await,
        SourceCommand::List => house.list().await,
        SourceCommand::Show { source } => house.show(&house.find(&source).await?),
        SourceCommand::Change(args) => house.change(args).await,
        SourceCommand::Secret(SecretCommand::Set { source }) => house.secret(&source, true).await,
        SourceCommand::Secret(SecretCommand::Remove { source }) => house.secret(&source, false).await,
        SourceCommand::Test { source } => {
            let source = house.find(&source).await?;
            context.show(&house.sources.first_rows(&house.loudou, source.id).await?.rows)
        }
        SourceCommand::Pull { source, out } => house.pull(&source, &out).await,
        SourceCommand::Run { source, from_start } => house.run(&source, from_start).await,
        SourceCommand::Due => house.due().await,
        SourceCommand::History { source } => house.history(&source).await,
        SourceCommand::Remove { source } => house.remove(&source).await,
        SourceCommand::Rekey => {
            let secrets = house.sources.rekey(&house.loudou).await?;
            let what =
                context.pick("个密码或令牌已用新密钥加密", "passwords and tokens are encrypted with the new key");
            house.say(&json!({"secrets": secrets}), &format!("{secrets} {what}\n"))
        }
    }
}

impl House<'_> {
    async fn find(&self, told: &str) -> Result<SourceSeen> {
        self.sources.named(&self.loudou, told).await
    }

    fn say(&self, row: &serde_json::Value, text: &str) -> Result<()> {
        if self.context.common.json {
            return self.context.show_json(&json!({"terms": {}, "rows": [row]}));
        }
        self.context.print(text)
    }

    /// Tells the access log what was done to a source.
    async fn log(&self, action: Action, name: &str) -> Result<()> {
        let access = Access::of(&self.loudou, Random::seeded(self.context.random()?))?;
        access.log(&Caller::machine(), action, name, json!({}), self.context.now()).await
    }

    async fn add(&self, args: SourceAddArgs) -> Result<()> {
        let definition = read(&args.file)?;
        let stem = args.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or("source");
        let name = args.name.unwrap_or_else(|| stem.to_owned());
        let new = NewSource { name, definition, schedule: args.schedule, skip_rejected: args.skip_rejected };
        let mut seen = self.sources.add(&self.loudou, new).await?;
        self.log(Action::SourceAdded, &seen.name).await?;
        if let Some(profile) = args.profile {
            let change = SourceChange { recipe: Some(RecipeChoice::Named(profile)), ..SourceChange::default() };
            seen = self.sources.change(&self.loudou, seen.id, seen.version, change).await?;
        }
        self.show(&seen)?;
        if seen.takes_secret && !self.context.common.json {
            let name = &seen.name;
            eprintln!(
                "{}: loudou source secret set '{name}'",
                self.context.pick("下一步：设置密码或令牌", "Next: set the password or token")
            );
        }
        Ok(())
    }

    async fn change(&self, args: SourceChangeArgs) -> Result<()> {
        let seen = self.find(&args.source).await?;
        let recipe = match (args.profile, args.like_import) {
            (Some(profile), _) => Some(RecipeChoice::Named(profile)),
            (None, Some(import)) => Some(RecipeChoice::Import(import)),
            (None, None) => None,
        };
        let change = SourceChange {
            name: args.name,
            definition: args.file.as_deref().map(read).transpose()?,
            schedule: if args.no_schedule { Some(None) } else { args.schedule.map(Some) },
            skip_rejected: args.skip_rejected,
            recipe,
        };
        if change == SourceChange::default() {
            return Err(AppError::input(("没有要改的内容", "nothing is to be changed")).hint((
                "请给出 --file、--name、--schedule、--profile、--like-import 或 --skip-rejected",
                "give --file, --name, --schedule, --profile, --like-import or --skip-rejected",
            )));
        }
        let changed = self.sources.change(&self.loudou, seen.id, seen.version, change).await?;
        self.log(Action::SourceChanged, &changed.name).await?;
        self.show(&changed)
    }

    async fn secret(&self, source: &str, set: bool) -> Result<()> {
        let seen = self.find(source).await?;
        let secret = if set { Some(read_secret(self.context)?) } else { None };
        self.sources.set_secret(&self.loudou, seen.id, secret).await?;
        self.log(Action::SourceSecretSet, &seen.name).await?;
        let what = if set {
            self.context.pick("已设置密码或令牌，今后无法读出", "The password or token is set; nothing can read it")
        } else {
            self.context.pick("已移除密码或令牌", "The password or token is gone")
        };
        self.say(&json!({"id": seen.id, "has_secret": set}), &format!("{what}: {}\n", seen.name))
    }

    async fn pull(&self, source: &str, out: &Path) -> Result<()> {
        let seen = self.find(source).await?;
        fs::create_dir_all(out).map_err(|error| AppError::input(format!("{}: {error}", out.display())))?;
        let watching = Progress::new(self.context.lang_is_zh());
        let pulled = self.sources.pull_to(&self.loudou, seen.id, out, &watching).await;
        watching.finish();
        let pulled = pulled?;
        self.log(Action::SourcePulled, &seen.name).await?;
        let files = pulled.files.iter().map(|name| out.join(name).display().to_string()).collect::<Vec<_>>();
        let rows = pulled.rows.map(|rows| format!("{rows} {} · ", self.context.pick("行", "rows"))).unwrap_or_default();
        let text = format!("{rows}{} bytes\n{}\n", pulled.bytes, files.join("\n"));
        self.say(&json!({"files": files, "rows": pulled.rows, "bytes": pulled.bytes, "columns": pulled.columns}), &text)
    }

    async fn run(&self, source: &str, from_start: bool) -> Result<()> {
        let seen = self.find(source).await?;
        if from_start {
            self.sources.start_over(&self.loudou, seen.id).await?;
            self.log(Action::SourceStartedOver, &seen.name).await?;
        }
        let clock = self.context.clock;
        let watching = Progress::new(self.context.lang_is_zh());
        let clock: app::jobs::Clock = Arc::new(move || clock.now());
        let by = By { caller: &Caller::machine(), cause: Cause::Person };
        let ran = self.sources.run(&self.loudou, seen.id, by, &clock, &watching).await;
        watching.finish();
        let ran = ran?;
        if let Some(problem) = ran.problem() {
            return Err(problem);
        }
        let zh = self.context.lang_is_zh();
        let mut text = format!("{}: {}", self.context.pick("结果", "Result"), state(ran.state, zh));
        let _ = write!(text, " · {} {}", ran.rows, self.context.pick("行", "rows"));
        for import in &ran.imports {
            let _ = write!(text, " · {} {import}", self.context.pick("导入", "import"));
        }
        let said = if zh { &ran.told.zh } else { &ran.told.en };
        let _ = writeln!(text, "{}{said}", if said.is_empty() { "" } else { "\n" });
        let row = json!({"state": ran.state, "rows": ran.rows, "bytes": ran.bytes, "import_ids": ran.imports, "message": ran.told.en});
        self.say(&row, &text)
    }

    async fn due(&self) -> Result<()> {
        let clock = self.context.clock;
        let clock: app::jobs::Clock = Arc::new(move || clock.now());
        let watching = Progress::new(self.context.lang_is_zh());
        let ran = self.sources.run_due(&self.loudou, &clock, &watching).await;
        watching.finish();
        let ran = ran?;
        self.say(&json!({"ran": ran}), &format!("{} {ran}\n", self.context.pick("已运行的来源：", "Sources that ran:")))
    }

    async fn remove(&self, source: &str) -> Result<()> {
        let seen = self.find(source).await?;
        self.sources.remove(&self.loudou, seen.id, seen.version).await?;
        self.log(Action::SourceRemoved, &seen.name).await?;
        self.say(&json!({"id": seen.id}), &format!("{} {}\n", self.context.pick("已移除", "Removed"), seen.name))
    }

    /// Shows an answer, or says that there is nothing yet.
    fn show_or(&self, answer: &Answer, zh: &str, en: &str) -> Result<()> {
        if answer.rows.is_empty() && !self.context.common.json {
            return self.context.print(&format!("{}\n", self.context.pick(zh, en)));
        }
        self.context.show(answer)
    }

    async fn list(&self) -> Result<()> {
        let columns = vec![
            Column::new("id", "编号", "id", Unit::Count),
            Column::new("name", "来源", "source", Unit::Text),
            Column::new("kind", "类型", "kind", Unit::Text),
            Column::new("place", "位置", "place", Unit::Text),
            Column::new("secret", "密码或令牌", "secret", Unit::Text),
            Column::new("schedule", "计划", "schedule", Unit::Text),
            Column::new("last_run_at", "上次运行", "last run", Unit::Text),
            Column::new("state", "结果", "state", Unit::Text),
            Column::new("next_at", "下次运行", "next run", Unit::Text),
        ];
        let mut answer = Answer::new("来源", "Sources", Terms::default(), columns);
        for seen in self.sources.list(&self.loudou).await? {
            let secret = match (seen.takes_secret, seen.has_secret) {
                (false, _) => name("无需", "none needed"),
                (true, true) => name("已设置", "set"),
                (true, false) => name("未设置", "not set"),
            };
            let last = seen.last_run.as_ref();
            answer.push(vec![
                Cell::Int(seen.id),
                Cell::Text(seen.name.clone()),
                Cell::Text(seen.definition.kind().to_owned()),
                Cell::Text(seen.definition.place()),
                secret,
                Cell::Text(seen.schedule.clone().unwrap_or_default()),
                Cell::Text(last.map(|run| run.begun_at.to_string()).unwrap_or_default()),
                last.map_or(Cell::Text(String::new()), |run| name(&state(&run.state, true), &state(&run.state, false))),
                Cell::Text(seen.next_at.map(|at| at.to_string()).unwrap_or_default()),
            ]);
        }
        self.show_or(&answer, "还没有来源：loudou source add FILE.toml", "No sources yet: loudou source add FILE.toml")
    }

    fn show(&self, seen: &SourceSeen) -> Result<()> {
        let definition = seen.definition.to_toml()?;
        let row = json!({
            "id": seen.id, "name": seen.name, "kind": seen.definition.kind(), "definition": definition,
            "takes_secret": seen.takes_secret, "has_secret": seen.has_secret, "profile": seen.recipe, "columns": seen.columns,
            "schedule": seen.schedule, "skip_rejected": seen.skip_rejected, "next_at": seen.next_at.map(|at| at.to_string()),
            "came_to": seen.came_to, "version": seen.version,
        });
        let pick = |zh, en| self.context.pick(zh, en);
        let none = || pick("无", "none").to_owned();
        let secret = match (seen.takes_secret, seen.has_secret) {
            (false, _) => pick("无需", "none needed"),
            (true, true) => pick("已设置", "set"),
            (true, false) => pick("未设置", "not set"),
        };
        let mut text = format!("#{} {}\n", seen.id, seen.name);
        for (what, value) in [
            (pick("密码或令牌", "password or token"), secret.to_owned()),
            (pick("导入方式", "profile"), seen.recipe.clone().unwrap_or_else(none)),
            (pick("计划", "schedule"), seen.schedule.clone().unwrap_or_else(none)),
            (pick("下次运行", "next run"), seen.next_at.map_or_else(none, |at| at.to_string())),
            (pick("已取到", "came to"), seen.came_to.clone().unwrap_or_else(none)),
        ] {
            let _ = writeln!(text, "  {what}: {value}");
        }
        let _ = write!(text, "\n{definition}");
        self.say(&row, &text)
    }

    async fn history(&self, source: &str) -> Result<()> {
        let seen = self.find(source).await?;
        let columns = vec![
            Column::new("begun_at", "开始", "begun", Unit::Text),
            Column::new("ended_at", "结束", "ended", Unit::Text),
            Column::new("cause", "起因", "cause", Unit::Text),
            Column::new("actor", "操作者", "by", Unit::Text),
            Column::new("state", "结果", "state", Unit::Text),
            Column::new("rows", "行数", "rows", Unit::Count),
            Column::new("import_ids", "导入", "imports", Unit::Text),
            Column::new("message", "说明", "message", Unit::Text),
        ];
        let mut answer = Answer::new("运行记录", "Runs", Terms::default(), columns);
        let int = |number: Option<i64>| number.map_or(Cell::Text(String::new()), Cell::Int);
        for run in self.sources.history(&self.loudou, seen.id).await? {
            let RunSeen { cause, actor, begun_at, ended_at, state: word, rows, imports, told, .. } = run;
            let imports: Vec<String> = imports.iter().map(i64::to_string).collect();
            answer.push(vec![
                Cell::Text(begun_at.to_string()),
                Cell::Text(ended_at.map(|at| at.to_string()).unwrap_or_default()),
                Cell::Text(cause),
                Cell::Text(actor),
                name(&state(&word, true), &state(&word, false)),
                int(rows),
                Cell::Text(imports.join(" ")),
                name(&told.zh, &told.en),
            ]);
        }
        self.show_or(&answer, "还没有运行过。", "It has not run yet.")
    }
}

fn name(zh: &str, en: &str) -> Cell {
    Cell::Name { zh: zh.to_owned(), en: en.to_owned(), key: en.to_owned() }
}

/// What a run's state is called.
fn state(word: &str, zh: bool) -> String {
    let (told, en) = match word {
        "done" => ("已导入", "imported"),
        "nothing" => ("没有新数据", "nothing new"),
        "pulled" => ("已取数", "pulled"),
        "rejected" => ("有误，未导入", "rows wrong, not imported"),
        "columns" => ("列变了，未导入", "columns changed, not imported"),
        "running" => ("运行中", "running"),
        "cancelled" => ("已取消", "cancelled"),
        _ => ("失败", "failed"),
    };
    if zh { told } else { en }.to_owned()
}

fn read(file: &Path) -> Result<Definition> {
    let text = fs::read_to_string(file).map_err(|error| {
        AppError::input(format!("{}: {error}", file.display())).hint((
            "请给出 TOML 定义；写法见 docs/sources.md",
            "give a definition in TOML; docs/sources.md tells how it is written",
        ))
    })?;
    Ok(Definition::parse(&text)?)
}

/// A secret: asked at a terminal, else the first line of standard input. Never an argument: those are seen by others.
fn read_secret(context: &Context) -> Result<Secret> {
    let failed = |error: std::io::Error| AppError::system(format!("the secret could not be read: {error}"));
    if std::io::stdin().is_terminal() {
        let asked = context.pick("密码或令牌：", "Password or token: ");
        return rpassword::prompt_password(asked).map(Secret::new).map_err(failed);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(failed)?;
    let secret = line.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(AppError::input(("标准输入里没有密钥", "there is no secret on standard input"))
            .hint(("请从管道传入一行，或在终端里运行", "pipe it in as one line, or run it at a terminal")));
    }
    Ok(Secret::new(secret))
}
