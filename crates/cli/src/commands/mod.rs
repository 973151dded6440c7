//! One file a family of commands: from options to a use case to output.

mod admin;
mod analyses;
mod dedupe;
mod demo;
pub(crate) mod field;
mod import;
pub(crate) mod model;
mod process;
pub(crate) mod quality;
mod rates;
mod serve;
mod source;
mod sql;
mod steps;
mod token;
mod user;

use app::{Loudou, Result};

use self::field::FieldCommand;
use crate::args::{Command, ImportCommand, ProcessCommand, RatesCommand};
use crate::context::Context;

/// Whether a command shows or changes data without asking whose it is. The others answer within the scope, or
/// show what belongs to nobody: definitions and what comes with the program.
const fn is_everybodys(command: &Command) -> bool {
    match command {
        Command::Init(_)
        | Command::Import(ImportCommand::Run(_) | ImportCommand::List | ImportCommand::Undo { .. })
        | Command::Process(ProcessCommand::Add { .. })
        | Command::Rates(RatesCommand::Set { .. })
        | Command::Dedupe(_)
        | Command::Source(_)
        | Command::Model(_)
        | Command::Field(
            FieldCommand::Add(_) | FieldCommand::Change(_) | FieldCommand::Retire(_) | FieldCommand::Restore(_),
        )
        | Command::User(_)
        | Command::Token(_)
        | Command::Backup { .. }
        | Command::Restore { .. }
        | Command::Doctor
        | Command::Serve(_)
        | Command::Demo(_) => true,
        Command::Import(ImportCommand::Profiles)
        | Command::Process(ProcessCommand::List | ProcessCommand::Show { .. })
        | Command::Rates(RatesCommand::List)
        | Command::Field(FieldCommand::List)
        | Command::Steps(_)
        | Command::Quality(_)
        | Command::Funnel
        | Command::Trend(_)
        | Command::Migration(_)
        | Command::Bridge(_)
        | Command::Conversion(_)
        | Command::Dwell
        | Command::Winrate(_)
        | Command::Gauges(_)
        | Command::CustomerFunnel
        | Command::Sql(_) => false,
    }
}

/// Runs one command.
pub(crate) async fn run(context: &Context, command: Command) -> Result<()> {
    if is_everybodys(&command) {
        app::require_everybody(&context.common.scope)?;
    }
    match command {
        Command::Init(args) => admin::init(context, args).await,
        Command::Import(command) => import::run(context, command).await,
        Command::Dedupe(command) => dedupe::run(context, &command).await,
        Command::Source(command) => source::run(context, command).await,
        Command::Steps(command) => steps::run(context, &command).await,
        Command::Funnel => analyses::funnel(context).await,
        Command::Trend(args) => analyses::trend(context, &args).await,
        Command::Migration(args) => analyses::migration(context, &args).await,
        Command::Bridge(args) => analyses::bridge(context, &args).await,
        Command::Conversion(args) => analyses::conversion(context, &args).await,
        Command::Dwell => analyses::dwell(context).await,
        Command::Winrate(args) => analyses::winrate(context, &args).await,
        Command::Gauges(args) => analyses::gauges(context, &args).await,
        Command::Quality(args) => quality::run(context, args).await,
        Command::CustomerFunnel => analyses::customer_funnel(context).await,
        Command::Sql(args) => sql::run(context, args).await,
        Command::Process(command) => process::run(context, command).await,
        Command::Model(args) => model::run(context, &args).await,
        Command::Field(command) => field::run(context, command).await,
        Command::Rates(command) => rates::run(context, &command).await,
        Command::User(command) => user::run(context, command).await,
        Command::Token(command) => token::run(context, command).await,
        Command::Backup { file } => admin::backup(context, &file).await,
        Command::Restore { file } => admin::restore(context, &file).await,
        Command::Serve(args) => serve::run(context, args).await,
        Command::Doctor => admin::doctor(context).await,
        Command::Demo(args) => demo::run(context, args).await,
    }
}

/// Opens the data of this run.
async fn open(context: &Context) -> Result<Loudou> {
    Loudou::open(&context.place()?, context.now()).await
}
