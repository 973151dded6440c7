//! `loudou process`: list, show, add.

use std::fmt::Write as _;

use app::Result;
use domain::process::{Process, Stage};
use domain::words::Lang as TextLang;

use super::open;
use crate::args::{Lang, ProcessCommand};
use crate::context::Context;

pub(crate) async fn run(context: &Context, command: ProcessCommand) -> Result<()> {
    match command {
        ProcessCommand::List => context.show(&app::process::list(&context.place()?, context.now()).await?),
        ProcessCommand::Show { key } => {
            let process = app::process::find(&context.place()?, &key, context.now()).await?;
            if context.common.json {
                return context.show_json(&app::process::to_json(&process)?);
            }
            context.print(&sheet(&process, context))
        }
        ProcessCommand::Add { process } => {
            let text = app::process::read(&process)?;
            let (added, is_new) = open(context).await?.add_process(&text).await?;
            if context.common.json {
                return context.show_json(&app::process::to_json(&added)?);
            }
            let verb = if is_new {
                context.pick("已添加", "Added")
            } else {
                context.pick("已有，未变", "Already there, unchanged:")
            };
            context.print(&format!("{verb} {} v{} · {}\n", added.key, added.version, context.text(&added.name)))
        }
    }
}

impl Context {
    /// A text of a process in the language of the output.
    fn text<'a>(&self, text: &'a domain::words::Text2) -> &'a str {
        text.get(if self.lang == Lang::Zh { TextLang::Zh } else { TextLang::En })
    }
}

/// A process as a sheet to read: one block a stage.
fn sheet(process: &Process, context: &Context) -> String {
    let mut out = format!("{} · {} (v{})\n", process.key, context.text(&process.name), process.version);
    if let Some(days) = process.cycle_days {
        let _ = writeln!(out, "{}: {days}", context.pick("典型周期（天）", "typical cycle in days"));
    }
    for stage in &process.stages {
        stage_block(&mut out, stage, context);
    }
    out
}

fn stage_block(out: &mut String, stage: &Stage, context: &Context) {
    let percent = stage.probability_ppm.map(|ppm| format!(" · {} %", f64::from(ppm) / 10_000.0)).unwrap_or_default();
    let stay = stage.stay_days.map(|days| format!(" · {days} {}", context.pick("天", "days"))).unwrap_or_default();
    let _ = writeln!(
        out,
        "\n{}. {} [{}] {}{percent}{stay}",
        stage.order,
        context.text(&stage.name),
        stage.key,
        stage.kind.as_str()
    );
    let texts = [
        (context.pick("目的", "purpose"), &stage.purpose),
        (context.pick("客户状态", "customer state"), &stage.customer_state),
        (context.pick("里程碑", "milestone"), &stage.milestone),
        (context.pick("证据", "evidence"), &stage.evidence),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            let _ = writeln!(out, "   {name}: {}", context.text(text));
        }
    }
    for action in &stage.actions {
        let _ = writeln!(
            out,
            "   {} {} ({} {}, {}): {}",
            context.pick("行动", "action"),
            action.key,
            action.due_days,
            context.pick("天内", "days"),
            action.who.as_str(),
            context.text(&action.text),
        );
    }
    if let Some(exit) = &stage.exit {
        let _ = writeln!(out, "   {}: {}", context.pick("准出", "exit"), context.text(&exit.sentence));
    }
    for question in &stage.questions {
        let _ = writeln!(out, "   {}: {}", context.pick("盘问", "question"), context.text(&question.text));
    }
}
