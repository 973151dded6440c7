//! One file a family of commands: from options to a use case to output.

mod admin;
mod analyses;
mod demo;
mod import;
mod process;
mod sql;

use app::{Loudou, Result};

use crate::args::Command;
use crate::context::Context;

/// Runs one command.
pub(crate) async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Init(args) => admin::init(context, args).await,
        Command::Import(command) => import::run(context, command).await,
        Command::Funnel => analyses::funnel(context).await,
        Command::Trend(args) => analyses::trend(context, &args).await,
        Command::Migration(args) => analyses::migration(context, &args).await,
        Command::Bridge(args) => analyses::bridge(context, &args).await,
        Command::Conversion(args) => analyses::conversion(context, &args).await,
        Command::Dwell => analyses::dwell(context).await,
        Command::Winrate(args) => analyses::winrate(context, &args).await,
        Command::Gauges(args) => analyses::gauges(context, &args).await,
        Command::Sql(args) => sql::run(context, args).await,
        Command::Process(command) => process::run(context, command).await,
        Command::Backup { file } => admin::backup(context, &file).await,
        Command::Restore { file } => admin::restore(context, &file).await,
        Command::Doctor => admin::doctor(context).await,
        Command::Demo(args) => demo::run(context, args).await,
    }
}

/// Opens the data of this run.
async fn open(context: &Context) -> Result<Loudou> {
    Loudou::open(&context.place()?, context.now()).await
}
