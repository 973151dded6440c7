//! Steps over files: a table cleaned as a file of steps says, before it is anybody's import.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A step as a file holds it: what it does, and what that asks for.
pub use toml::Table as RawStep;

use steps::{Glimpse, Limits, Source, Sources, StepsError, Target};
pub use steps::{Issue as StepIssue, Outcome as StepsOutcome, Shown as StepsTable, Steps};

use crate::answer::{Answer, Cell, Column, Terms, Unit, why};
use crate::{AppError, Result};

/// Rows of a file that a preview looks at, and how many of them it shows.
pub(crate) const LOOKED_AT: usize = 10_000;
const SHOWN: usize = 10;

/// A file, the steps to take, and the other files that they name.
#[derive(Debug, Clone)]
pub struct StepsAsk {
    /// The file of the steps.
    pub steps: PathBuf,
    /// The file to clean.
    pub input: PathBuf,
    /// Other tables by name.
    pub tables: BTreeMap<String, PathBuf>,
}

/// What steps do, one after the other.
#[derive(Debug)]
pub struct StepsPreview {
    /// What each step does, with the columns and rows after it; first the table as it comes in.
    pub steps: Answer,
    /// The first rows after the last step.
    pub table: Answer,
    /// Why steps do not fit; what is shown is without them.
    pub failed: Option<AppError>,
}

/// Runs steps over a file and writes what becomes of it as CSV.
///
/// # Errors
/// A file cannot be read, a step does not fit, or the result cannot be written.
pub async fn run(ask: &StepsAsk, mut out: impl Write + Send) -> Result<StepsOutcome> {
    let steps = read(&ask.steps)?;
    let limits = Limits::default();
    let (source, tables) = sources(ask, &limits)?;
    steps::run(&steps, &source, &tables, &limits, Target::Csv(&mut out)).await.map_err(told)
}

fn sources(ask: &StepsAsk, limits: &Limits) -> Result<(Source, Sources)> {
    let source = Source::file(&ask.input, limits).map_err(told)?;
    let table = |(name, path): (&String, &PathBuf)| Ok((name.clone(), Source::file(path, limits).map_err(told)?));
    Ok((source, ask.tables.iter().map(table).collect::<Result<_>>()?))
}

/// Shows what each step does to the first rows of a file.
///
/// # Errors
/// A file cannot be read. A step that does not fit stands in the preview.
pub async fn preview(ask: &StepsAsk) -> Result<StepsPreview> {
    let steps = read(&ask.steps)?;
    let limits = Limits::default();
    let (source, tables) = sources(ask, &limits)?;
    let glimpse = Glimpse { looked_at: LOOKED_AT, shown: SHOWN };
    let mut seen = steps::preview(&steps, &source, &tables, &limits, glimpse).await.map_err(told)?;
    let columns = vec![
        Column::new("step", "步骤", "step", Unit::Count),
        Column::new("does", "操作", "does", Unit::Text),
        Column::new("name", "名称", "name", Unit::Text),
        Column::new("columns", "列数", "columns", Unit::Count),
        Column::new("rows", "行数", "rows", Unit::Count),
    ];
    let terms = Terms::default().with("looked_at", LOOKED_AT);
    let mut told_steps = Answer::new("步骤", "Steps", terms, columns);
    let int = |number: usize| Cell::Int(i64::try_from(number).unwrap_or(i64::MAX));
    for (at, table) in seen.tables.iter().enumerate() {
        let step = at.checked_sub(1).and_then(|at| steps.0.get(at));
        told_steps.push(vec![
            int(at),
            Cell::Text(step.map_or("read", |step| step.action.word()).to_owned()),
            step.and_then(|step| step.name.clone()).map_or(Cell::Undefined(why::NOT_SET), Cell::Text),
            int(table.columns.len()),
            Cell::Int(i64::try_from(table.row_count).unwrap_or(i64::MAX)),
        ]);
    }
    Ok(StepsPreview {
        steps: told_steps,
        table: table_of(&seen.tables.pop().unwrap_or_default()),
        failed: seen.failed.into_iter().map(told).reduce(|mut all, next| {
            all.messages.extend(next.messages);
            all.messages_zh.extend(next.messages_zh);
            all
        }),
    })
}

/// A table of a preview as an answer.
pub(crate) fn table_of(table: &StepsTable) -> Answer {
    let columns = table.columns.iter().map(|name| Column::new(name, "", "", Unit::Text)).collect();
    let mut answer = Answer::new("结果", "Result", Terms::default(), columns);
    for row in &table.rows {
        answer
            .push(row.iter().map(|cell| cell.clone().map_or(Cell::Undefined(why::NOT_RECORDED), Cell::Text)).collect());
    }
    answer
}

fn read(path: &Path) -> Result<Steps> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        AppError::input(format!("{}: {error}", path.display())).hint((
            "请给出 TOML 步骤文件；格式见 docs/steps.md",
            "give a file of steps in TOML; docs/steps.md tells the format",
        ))
    })?;
    Steps::parse(&text).map_err(|error| {
        AppError::input(format!("{}: {error}", path.display()))
            .hint(("可用的步骤见 docs/steps.md", "docs/steps.md tells what a step can do"))
    })
}

/// Why steps cannot be taken, in both languages.
pub(crate) fn told(error: StepsError) -> AppError {
    let words = (error.zh(), error.to_string());
    match error {
        StepsError::Input(refusal) => refusal.into(),
        StepsError::Stopped => crate::step::cancelled(),
        StepsError::Output(_) | StepsError::Engine(_) => AppError::system(words.1),
        StepsError::TooLarge(_) => AppError::input(words),
        StepsError::File { .. } | StepsError::Step { .. } => {
            AppError::input(words).hint(("可用的步骤见 docs/steps.md", "docs/steps.md tells what a step can do"))
        }
    }
}
