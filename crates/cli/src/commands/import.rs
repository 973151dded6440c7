//! `loudou import`: run, list, profiles, undo.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Read as _};
use std::path::Path;

use app::import::{ImportReport, ImportRequest, Outcome, UndoReport};
use app::{AppError, Fault, Loudou, Result};

use super::open;
use crate::args::{ImportCommand, ImportRunArgs};
use crate::context::Context;
use crate::progress::Progress;
use crate::render::grouped;

/// Issues shown of one rule before the rest is only counted.
const ISSUES_SHOWN: usize = 5;

pub(crate) async fn run(context: &Context, command: ImportCommand) -> Result<()> {
    match command {
        ImportCommand::Run(args) => run_profile(context, &args).await,
        ImportCommand::List => context.show(&open(context).await?.imports().await?),
        ImportCommand::Profiles => context.show(&app::import::profiles()?),
        ImportCommand::Undo { import_id } => undo(context, import_id).await,
    }
}

async fn run_profile(context: &Context, args: &ImportRunArgs) -> Result<()> {
    let request = ImportRequest {
        profile: args.profile.clone(),
        input: args.input.clone(),
        dry_run: args.dry_run,
        skip_rejected: args.skip_rejected,
    };
    let rejects = args.rejects.as_deref().map(Rejects::open).transpose()?;
    let progress = Progress::new(context.lang_is_zh());
    let outcome = app::import::run(&context.place()?, &request, context.now(), &|step| progress.tell(&step)).await;
    progress.finish();
    let (report, is_done) = match outcome {
        Ok(Outcome::Done(report)) => (report, true),
        Ok(Outcome::Rejected(report)) => (report, false),
        Err(error) => {
            rejects.into_iter().for_each(Rejects::leave);
            return Err(error);
        }
    };
    // What went in is told whether or not the list of what did not can be written.
    let listed = rejects.map_or(Ok(()), |rejects| rejects.write(context, &report));
    if !is_done {
        return listed.and(Err(rejected(context, args, &report)));
    }
    show(context, &report)?;
    listed
}

/// The file for rejected rows, opened before anything is imported; what is in it stays until there is a list.
struct Rejects<'a> {
    path: &'a Path,
    file: File,
    is_new: bool,
}

impl<'a> Rejects<'a> {
    fn open(path: &'a Path) -> Result<Self> {
        let is_new = !path.exists();
        if std::fs::metadata(path).is_ok_and(|there| there.is_file() && there.len() > 0) {
            let mut start = Vec::new();
            let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut start));
            if read.is_err() || !app::import::is_reject_list(&start) {
                return Err(AppError::input((
                    format!("{} 已存在，且不是退回行的列表", path.display()),
                    format!("{} is there and is no list of rejected rows", path.display()),
                ))
                .hint((
                    "请为 --rejects 给出还不存在的文件，或以前的列表",
                    "give --rejects a file that is not there yet, or an earlier list",
                )));
            }
        }
        let file = File::options().write(true).create(true).truncate(false).open(path).map_err(|error| {
            AppError::input((
                format!("无法写入 {}：{error}", path.display()),
                format!("{} cannot be written: {error}", path.display()),
            ))
            .hint(("请为 --rejects 给出可以建立的文件", "give --rejects a file that can be made"))
        })?;
        Ok(Self { path, file, is_new })
    }

    /// Nothing was read: a file that was made for it goes.
    fn leave(self) {
        if self.is_new {
            // That it stays, empty, is no reason to hide why nothing was read.
            let _ = std::fs::remove_file(self.path);
        }
    }

    fn write(self, context: &Context, report: &ImportReport) -> Result<()> {
        let failed = |error: std::io::Error| AppError::system(format!("{}: {error}", self.path.display()));
        if self.file.metadata().is_ok_and(|file| file.is_file()) {
            self.file.set_len(0).map_err(failed)?;
        }
        app::import::write_rejects(report, BufWriter::new(&self.file)).map_err(failed)?;
        eprintln!("{}: {}", context.pick("退回行写入", "rejected rows are in"), self.path.display());
        Ok(())
    }
}

fn rejected(context: &Context, args: &ImportRunArgs, report: &ImportReport) -> AppError {
    let rejects: Vec<_> = report.rejects().collect();
    let mut error = AppError::input(format!(
        "{} {} {}",
        report.rows_rejected(),
        context.pick("行有问题，", "of the rows read are wrong:"),
        context.pick("没有导入任何内容", "nothing was imported"),
    ));
    error.messages.extend(rejects.iter().take(20).map(ToString::to_string));
    if rejects.len() > 20 {
        error.messages.push(format!("… {} {}", rejects.len() - 20, context.pick("行从略", "more")));
    }
    let hint = if args.rejects.is_some() {
        context.pick(
            "改正这些行再导入；或加 --skip-rejected 只导入其余的行",
            "mend these rows and import again, or add --skip-rejected to bring in the others",
        )
    } else {
        context.pick(
            "改正这些行再导入；加 --rejects FILE 得到全部清单；或加 --skip-rejected 只导入其余的行",
            "mend these rows and import again; --rejects FILE writes the whole list; --skip-rejected brings in the others",
        )
    };
    error.hint(hint)
}

fn show(context: &Context, report: &ImportReport) -> Result<()> {
    if context.common.json {
        return context.show_json(&report.to_json());
    }
    let mut out = String::new();
    let zh_en = |zh, en| context.pick(zh, en);
    let head = match report.import_id {
        Some(id) => format!("{} {id} · {}", zh_en("导入", "Import"), report.profile),
        None if report.is_unchanged() => {
            format!("{} · {}", zh_en("没有新内容，未改动任何内容", "Nothing new, nothing was changed"), report.profile)
        }
        None => format!("{} · {}", zh_en("试运行，未改动任何内容", "Dry run, nothing was changed"), report.profile),
    };
    let _ = writeln!(out, "{head}");
    for (name, count) in report.summary(context.lang_is_zh()) {
        let _ = writeln!(out, "  {name}: {count}");
    }
    for (rule, count, examples) in report.issues_by_rule(ISSUES_SHOWN) {
        let _ = writeln!(out, "  {} {} × {rule}", zh_en("提示", "note"), grouped(&count.to_string()));
        for example in examples {
            let _ = writeln!(out, "    {example}");
        }
    }
    for row in report.sample_lines() {
        let _ = writeln!(out, "  {row}");
    }
    if let Some(id) = report.import_id {
        let undo = format!("loudou import undo {id} --data {}", context.data_dir().display());
        let _ = writeln!(out, "{}: {undo}", zh_en("撤销用", "To take it back"));
    }
    context.print(&out)
}

/// Names the command that helps: what an edge alone can know.
async fn with_command(loudou: &Loudou, import_id: i64, error: AppError) -> AppError {
    let later = match error.fault {
        Fault::NotFound => {
            return error.hint(("`loudou import list` 列出各次导入", "`loudou import list` shows the imports"));
        }
        Fault::Conflict => loudou.import_seen(import_id).await.ok().and_then(|seen| seen.blocked_by.first().copied()),
        _ => None,
    };
    match later {
        Some(last) => error.hint(format!("undo the latest first: loudou import undo {last}")),
        None => error,
    }
}

async fn undo(context: &Context, import_id: i64) -> Result<()> {
    let loudou = open(context).await?;
    let report: UndoReport = match loudou.undo_import(import_id).await {
        Ok(report) => report,
        Err(error) => return Err(with_command(&loudou, import_id, error).await),
    };
    if context.common.json {
        return context.show_json(&report.to_json());
    }
    let mut out = format!(
        "{} {import_id}: {} {}\n",
        context.pick("已撤销导入", "Import undone:"),
        grouped(&report.records.to_string()),
        context.pick("条记录恢复到导入之前", "records are as they were before it"),
    );
    if !report.kept.is_empty() {
        let _ = writeln!(
            out,
            "{}",
            context.pick("之后由人改过、予以保留的记录：", "Kept, because people edited them since:")
        );
        for record in &report.kept {
            let _ = writeln!(out, "  {record}");
        }
    }
    context.print(&out)
}
