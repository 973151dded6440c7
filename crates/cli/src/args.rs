//! The command line, as clap reads it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::Instant;

use crate::commands::field::FieldCommand;
use crate::commands::model::ModelArgs;
use crate::source_args::SourceCommand;

/// Sales-funnel management and analysis: from a company's own files to true answers.
#[derive(Debug, Parser)]
#[command(name = "loudou", version, about, propagate_version = true, max_term_width = 110)]
#[command(after_help = "Exit codes: 0 good · 1 failed · 2 the input or the call was wrong, and nothing was changed.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The language of heads, notes and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// 简体中文
    Zh,
    /// English
    En,
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// Directory of the data: the embedded database and the warehouse's checkpoint.
    #[arg(long, global = true, env = "LOUDOU_DATA", default_value = "loudou-data", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Keep records in this database instead of the embedded one (`postgres://…` or `sqlite://…`).
    #[arg(long, global = true, env = "LOUDOU_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// The time at which the program is to believe that it starts, as 2026-11-23T09:00:00+08:00: to rehearse a day.
    #[arg(long, global = true, env = "LOUDOU_CLOCK", value_name = "TIME", value_parser = crate::clock::time, hide = true)]
    pub(crate) clock: Option<Instant>,
    /// Key of the sales process; needed where there are several.
    #[arg(long, global = true, value_name = "KEY")]
    pub(crate) process: Option<String>,
    /// The business day the answer is as of (default: today).
    #[arg(long, global = true, value_name = "DATE")]
    pub(crate) as_of: Option<String>,
    /// Only what was known at the end of this day (default: all that is known now).
    #[arg(long, global = true, value_name = "DATE")]
    pub(crate) known_at: Option<String>,
    /// First day of the period.
    #[arg(long, global = true, value_name = "DATE")]
    pub(crate) from: Option<String>,
    /// Last day of the period (default: the as-of day).
    #[arg(long, global = true, value_name = "DATE")]
    pub(crate) to: Option<String>,
    /// Group by dimensions: region, industry, product, account, channel, campaign, owner, team, …
    #[arg(long, global = true, value_name = "DIM[,DIM]", value_delimiter = ',')]
    pub(crate) by: Vec<String>,
    /// Only deals for which this holds, e.g. "region = 'East' and amount > 10000".
    #[arg(long = "where", global = true, value_name = "EXPR")]
    pub(crate) filter: Option<String>,
    /// Who is asking: all, team:NAME (with the teams below) or person:NAME; a command that shows or changes
    /// everybody's data is refused to a part.
    #[arg(long, global = true, value_name = "SCOPE", default_value = "all")]
    pub(crate) scope: String,
    /// Report amounts in this currency, by the dated exchange rates.
    #[arg(long, global = true, value_name = "CODE")]
    pub(crate) currency: Option<String>,
    /// Language of the output (default: by the locale).
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Lang>,
    /// Print JSON: {"terms": {…}, "rows": […]}.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an empty database with the organisation's name, zone and currency.
    Init(InitArgs),
    /// Bring files in, list what was brought in, take an import back.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Where rows come from beside files that are sent: folders, databases, HTTP; pulled once or on a schedule.
    #[command(subcommand)]
    Source(SourceCommand),
    /// Clean a table by a file of steps: run them, or look at what each does.
    #[command(subcommand)]
    Steps(StepsCommand),
    /// Duplicates of customers, contacts and deals: find, merge, undo, list.
    #[command(subcommand)]
    Dedupe(DedupeCommand),
    /// Stock by stage, with amount, weight and share.
    Funnel,
    /// Stock by stage at the end of each week, month or quarter.
    Trend(TrendArgs),
    /// From which stage to which, between two dates or week by week.
    Migration(MigrationArgs),
    /// From the opening to the closing pipeline, line by line.
    Bridge(BridgeArgs),
    /// Of the deals that entered a stage, how many reached the next.
    Conversion(ConversionArgs),
    /// Days spent in each stage, open visits counted as open.
    Dwell,
    /// Won of won and lost, by count and amount.
    Winrate(WinrateArgs),
    /// Dials of the intent and commit stages against the target.
    Gauges(GaugesArgs),
    /// Distinct customers by step: potential, with an opportunity, contracted, paying; --by channel, campaign, region,
    /// industry, owner or grade; --from and --to follow those who became potential then.
    CustomerFunnel,
    /// Ask in SQL: opportunities, intervals, transitions, journeys, stages, and the tally functions.
    Sql(SqlArgs),
    /// How good the records are: scores, rules, what to mend first, industries to confirm.
    Quality(crate::commands::quality::QualityArgs),
    /// Sales processes: list, show, add.
    #[command(subcommand)]
    Process(ProcessCommand),
    /// The dimensional model: tables, how full their fields are, and the keys that lead nowhere.
    Model(ModelArgs),
    /// Fields of your own: list, add, change, retire.
    #[command(subcommand)]
    Field(FieldCommand),
    /// Exchange rates into the home currency: list, set.
    #[command(subcommand)]
    Rates(RatesCommand),
    /// Who may sign in: add, list, change, disable, set a password.
    #[command(subcommand)]
    User(UserCommand),
    /// Tokens by which programs come in as a user: new, list, revoke.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Serve the web application and the API.
    Serve(ServeArgs),
    /// Copy everything into one file while others go on working.
    Backup {
        /// The file to write.
        file: PathBuf,
    },
    /// Put a backup into an empty data directory or database.
    Restore {
        /// The file made by `backup`.
        file: PathBuf,
    },
    /// Look for what is wrong with the data directory, and say what to do.
    Doctor,
    /// Fill an empty data directory with a two-year demonstration company.
    Demo(DemoArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "LOUDOU_LISTEN", default_value = "127.0.0.1:8420", value_name = "ADDR")]
    pub(crate) listen: std::net::SocketAddr,
    /// A proxy of ours, with TLS, stands before the server: believe its X-Forwarded-For and X-Forwarded-Host.
    #[arg(long, env = "LOUDOU_BEHIND_PROXY")]
    pub(crate) behind_proxy: bool,
    /// Let browsers on other machines sign in over plain HTTP, where everybody on the way can read along.
    #[arg(long, conflicts_with = "behind_proxy")]
    pub(crate) plain_http: bool,
    /// The folder whose files and SQLite databases sources may read (default: none).
    #[arg(long, env = "LOUDOU_SOURCE_DIR", value_name = "DIR")]
    pub(crate) source_dir: Option<PathBuf>,
    /// Give a request up after this many seconds.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout_seconds: u64,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Name of the organisation.
    #[arg(long, default_value = "Loudou")]
    pub(crate) name: String,
    /// Time zone of business dates, e.g. Asia/Shanghai.
    #[arg(long, default_value = "Asia/Shanghai")]
    pub(crate) zone: String,
    /// Home currency, e.g. CNY.
    #[arg(long, default_value = "CNY")]
    pub(crate) home_currency: String,
    /// Month the fiscal year begins in, 1 to 12.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=12))]
    pub(crate) fiscal_start_month: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RatesCommand {
    /// The rates that are there.
    List,
    /// Add rates from a CSV file with the columns date, currency and rate; a rate of the same day is replaced.
    Set {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DedupeCommand {
    /// Show what is likely one, the surest first.
    Find {
        #[command(flatten)]
        what: DedupeArgs,
        /// Clusters to show.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Merge records into the first one named; without names, everything that scores enough, shown first.
    Merge {
        #[command(flatten)]
        what: DedupeArgs,
        /// The record that stays, then those that go.
        #[arg(num_args = 2.., value_name = "ID")]
        records: Vec<i64>,
        /// Whose value stands where several have one: survivor, most_complete or newest. What is empty is always filled.
        #[arg(long, default_value = "survivor")]
        strategy: String,
        /// Merge everything that scores enough; without it nothing is changed, and it is told what would be.
        #[arg(long)]
        apply: bool,
    },
    /// Take one merge back, or all that were made at once.
    Undo {
        /// The merge, as `dedupe list` numbers it; with --batch the first of those that were made at once.
        merge: i64,
        /// Take back everything that was merged at once, in one transaction.
        #[arg(long)]
        batch: bool,
    },
    /// The merges so far.
    List {
        /// Merges to show.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
}

/// What is held against each other.
#[derive(Debug, Args)]
pub(crate) struct DedupeArgs {
    /// customers, contacts or deals.
    #[arg(long, default_value = "customers")]
    pub(crate) kind: String,
    /// The least score, 0.5 to 1.
    #[arg(long, default_value_t = app::duplicates::MIN_SCORE, value_name = "SCORE")]
    pub(crate) min_score: f64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StepsCommand {
    /// Take all steps and write the table as CSV.
    Run {
        #[command(flatten)]
        args: StepsArgs,
        /// The file to write (default: standard output).
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Show what each step does to the first 10,000 rows.
    Preview(StepsArgs),
}

/// A file, and what is to be done with it.
#[derive(Debug, Args)]
pub(crate) struct StepsArgs {
    /// The file of the steps, in TOML.
    pub(crate) steps: PathBuf,
    /// The file to clean: CSV, TSV, XLSX, XLS, ODS, JSON, Parquet or XES.
    pub(crate) input: PathBuf,
    /// Another table that steps join or append, as NAME=FILE; may be given several times.
    #[arg(long = "with", value_name = "NAME=FILE", value_parser = named_file)]
    pub(crate) with: Vec<(String, PathBuf)>,
}

fn named_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.into())),
        _ => Err("write NAME=FILE".to_owned()),
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Read files by a profile and bring them in, all or nothing.
    Run(ImportRunArgs),
    /// The imports so far.
    List,
    /// The bundled profiles.
    Profiles,
    /// Take an import back: every record as it was before; later edits by people stay and are listed.
    Undo {
        /// The import's id (see `import list`).
        import_id: i64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImportRunArgs {
    /// Name of a bundled profile, or a mapping file (TOML).
    pub(crate) profile: String,
    /// Folder of the source files, or the one file.
    pub(crate) input: PathBuf,
    /// Read, check and show a preview; change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Bring the good rows in even if some are rejected (otherwise one rejected row stops the import).
    #[arg(long)]
    pub(crate) skip_rejected: bool,
    /// Write rejected rows to this CSV file.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
}

/// The unit of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Every {
    Week,
    Month,
    Quarter,
    Year,
}

#[derive(Debug, Args)]
pub(crate) struct TrendArgs {
    /// One point a week, month, quarter or year.
    #[arg(long, value_enum, default_value = "week")]
    pub(crate) every: Every,
    /// How many points, where --from is not given.
    #[arg(long, default_value_t = 26, value_parser = clap::value_parser!(u32).range(1..=1040))]
    pub(crate) points: u32,
}

#[derive(Debug, Args)]
pub(crate) struct MigrationArgs {
    /// A series of this many weeks instead of one pair of dates.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=520))]
    pub(crate) weeks: Option<u32>,
    /// Only what flowed into this stage (its key).
    #[arg(long, value_name = "STAGE")]
    pub(crate) into: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct BridgeArgs {
    /// Only deals expected to close on or after this day (with --due-to).
    #[arg(long, value_name = "DATE", requires = "due_to")]
    pub(crate) due_from: Option<String>,
    /// Only deals expected to close on or before this day.
    #[arg(long, value_name = "DATE", requires = "due_from")]
    pub(crate) due_to: Option<String>,
    /// Count every event on the way instead of comparing the two ends.
    #[arg(long)]
    pub(crate) path: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConversionArgs {
    /// Horizon of the Aalen–Johansen reading, in days.
    #[arg(long, default_value_t = 180, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) horizon: u32,
}

#[derive(Debug, Args)]
pub(crate) struct WinrateArgs {
    /// One row a week, month, quarter or year of the close instead of the whole period.
    #[arg(long, value_enum)]
    pub(crate) every: Option<Every>,
    /// By the day the deal was created instead of decided.
    #[arg(long)]
    pub(crate) by_created: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GaugesArgs {
    /// Only this many members, the worst first (default: all).
    #[arg(long)]
    pub(crate) worst: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct SqlArgs {
    /// One query; `-` reads it from standard input.
    pub(crate) query: String,
    /// Give up after this many seconds.
    #[arg(long, default_value_t = 60)]
    pub(crate) timeout_seconds: u64,
    /// Memory the query may take, in MiB.
    #[arg(long, default_value_t = 512)]
    pub(crate) memory_mib: usize,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProcessCommand {
    /// Processes of this database and the ready-made ones.
    List,
    /// One process: stages, purposes, milestones, evidence, actions, exit criteria.
    Show {
        /// Key of the process.
        key: String,
    },
    /// Add a ready-made process by its key, or one of your own from a TOML file; a changed one becomes a new version.
    Add {
        /// Key or file.
        process: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The seed of the generator: the same seed makes the same company.
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,
    /// Last day of the history (default: yesterday).
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// Leave a planted cause out; may be repeated (`loudou demo --list-causes` tells them).
    #[arg(long, value_name = "CAUSE")]
    pub(crate) without: Vec<String>,
    /// List the causes planted in the data and what each does.
    #[arg(long)]
    pub(crate) list_causes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Add a user. The password is asked twice at a terminal, and is else the first line of standard input.
    Add(UserAddArgs),
    /// The users.
    List,
    /// Change roles or team, or let a disabled user in again.
    Change(UserChangeArgs),
    /// Let a user sign in no more; what they did stays theirs.
    Disable {
        /// The name they sign in with.
        name: String,
    },
    /// Set a user's password; their sessions end.
    Password(PasswordArgs),
}

#[derive(Debug, Args)]
pub(crate) struct UserAddArgs {
    /// The name to sign in with; case and width make no difference.
    pub(crate) name: String,
    /// rep, manager, operations, executive, marketing, presales, customer_success, service, finance or
    /// administrator; may be repeated.
    #[arg(long, required = true, value_name = "ROLE")]
    pub(crate) role: Vec<String>,
    /// The team that the person belongs to from now on, by name or #ID.
    #[arg(long, value_name = "TEAM")]
    pub(crate) team: Option<String>,
    /// The person, by name or #ID (default: the only one of the user's name, or a new one).
    #[arg(long, value_name = "PERSON")]
    pub(crate) person: Option<String>,
    /// Make a link by which the user sets the password, instead of one.
    #[arg(long)]
    pub(crate) link: bool,
    /// Show name and password to everybody on the sign-in page; for data that are made up.
    #[arg(long, conflicts_with = "link")]
    pub(crate) demo: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UserChangeArgs {
    /// The name they sign in with.
    pub(crate) name: String,
    /// The roles from now on, instead of those so far; may be repeated.
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Vec<String>,
    /// The team of their person from now on, by name or #ID.
    #[arg(long, value_name = "TEAM", conflicts_with = "no_team")]
    pub(crate) team: Option<String>,
    /// Take their person out of teams.
    #[arg(long)]
    pub(crate) no_team: bool,
    /// Let them sign in again.
    #[arg(long)]
    pub(crate) enable: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PasswordArgs {
    /// The name they sign in with.
    pub(crate) name: String,
    /// Make a link by which the user sets it, instead of setting one.
    #[arg(long)]
    pub(crate) link: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it, this once.
    New(TokenNewArgs),
    /// The tokens, without their secrets.
    List,
    /// Make a token useless.
    Revoke {
        /// Its id (see `token list`).
        id: i64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TokenNewArgs {
    /// The user that the program acts for.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: String,
    /// What of the user's rights it has: analyse, edit_deals, edit_customers, edit_targets, import, sql, configure
    /// or administer; may be repeated (default: all of them).
    #[arg(long, value_name = "RIGHT")]
    pub(crate) may: Vec<String>,
    /// How many days it lasts.
    #[arg(long, default_value_t = 365, value_name = "N")]
    pub(crate) days: u32,
    /// What it is for.
    #[arg(long, default_value = "command line", value_name = "TEXT")]
    pub(crate) name: String,
}
