//! `loudou source` on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum SourceCommand {
    /// Make a source of a definition in TOML (docs/sources.md tells how it is written); its secret is set apart.
    Add(SourceAddArgs),
    /// The sources, with their last and next run.
    List,
    /// A source with its definition.
    Show {
        /// Its name, or #ID.
        source: String,
    },
    /// Change a source: its definition, its schedule, how its rows are read.
    Change(SourceChangeArgs),
    /// The password or token of a source: set it from standard input, or take it away.
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Reach a source and show its first rows.
    Test {
        /// Its name, or #ID.
        source: String,
    },
    /// Pull what is new into files of a folder, to look at or to import by hand; nothing is marked as brought in.
    Pull {
        /// Its name, or #ID.
        source: String,
        /// A folder without files of the same name; made where it is not there.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Pull what is new and import it as the source's profile says.
    Run {
        /// Its name, or #ID.
        source: String,
        /// Pull everything once more, from the beginning; what is known already is not doubled.
        #[arg(long)]
        from_start: bool,
    },
    /// Run the sources whose time has come, once: for a scheduler of the machine where no server runs.
    Due,
    /// The latest pulls and runs of a source.
    History {
        /// Its name, or #ID.
        source: String,
    },
    /// Remove a source with its secret and its history; what it brought in stays.
    Remove {
        /// Its name, or #ID.
        source: String,
    },
    /// Encrypt all secrets with a new key: one that is made, or the one of LOUDOU_SECRET_KEY (with the former one in
    /// LOUDOU_SECRET_KEY_BEFORE).
    Rekey,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Set it: one line of standard input, or asked at a terminal.
    Set {
        /// The source's name, or #ID.
        source: String,
    },
    /// Take it away.
    Remove {
        /// The source's name, or #ID.
        source: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SourceAddArgs {
    /// The definition, in TOML.
    pub(crate) file: PathBuf,
    /// What it is called (default: the file's name).
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// When it runs by itself: every 15 minutes, hourly, daily 06:30, weekly Mon 06:30.
    #[arg(long, value_name = "WHEN")]
    pub(crate) schedule: Option<String>,
    /// How its rows are read: a profile's file or name.
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Bring in the rest where rows are rejected.
    #[arg(long)]
    pub(crate) skip_rejected: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SourceChangeArgs {
    /// Its name, or #ID.
    pub(crate) source: String,
    /// Another definition, in TOML: everything is pulled once more. Another address drops the secret.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Another name.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// When it runs by itself from now on.
    #[arg(long, value_name = "WHEN", conflicts_with = "no_schedule")]
    pub(crate) schedule: Option<String>,
    /// Let it run by itself no longer.
    #[arg(long)]
    pub(crate) no_schedule: bool,
    /// How its rows are read: a profile's file or name.
    #[arg(long, value_name = "PROFILE", conflicts_with = "like_import")]
    pub(crate) profile: Option<String>,
    /// Read its rows as in this import of it.
    #[arg(long, value_name = "ID")]
    pub(crate) like_import: Option<i64>,
    /// Whether the rest goes in where rows are rejected.
    #[arg(long, value_name = "YES")]
    pub(crate) skip_rejected: Option<bool>,
}
