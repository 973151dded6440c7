//! The access log: who came in, who was turned away, who changed whose rights, who took data away.

use domain::Instant;
use domain::people::May;
use serde_json::Value;
use store::Writer;
use store::access::LogDraft;

use super::{Access, Caller};
use crate::Result;

/// Lines of a page at most.
const PAGE: u32 = 200;

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident $word:literal;)*) => {
        /// What a line of the log tells.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action { $($(#[$doc])* $variant,)* }

        impl Action {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word that is kept and told.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

actions! {
    /// The first user was made.
    FirstRun "first_run";
    /// Somebody signed in.
    SignedIn "signed_in";
    /// Name and password did not belong together.
    SignInFailed "sign_in_failed";
    /// Somebody signed out.
    SignedOut "signed_out";
    /// Sessions of a user were ended.
    SessionsEnded "sessions_ended";
    /// A user was made.
    UserAdded "user_added";
    /// Roles, team, or whether the user may sign in.
    UserChanged "user_changed";
    /// A password was set.
    PasswordSet "password_set";
    /// A link was made by which a user sets a password.
    PasswordLinkMade "password_link_made";
    /// A team was made.
    TeamAdded "team_added";
    /// A team got another name or place.
    TeamChanged "team_changed";
    /// A team was deleted.
    TeamDeleted "team_deleted";
    /// A token was made.
    TokenMade "token_made";
    /// A token was revoked.
    TokenRevoked "token_revoked";
    /// Data were taken away as a file.
    Exported "exported";
    /// Data were brought in.
    Imported "imported";
    /// An import was taken back.
    ImportUndone "import_undone";
    /// Records were merged.
    Merged "merged";
    /// A merge was taken back.
    MergeUndone "merge_undone";
    /// A source of data was made.
    SourceAdded "source_added";
    /// A source of data was changed.
    SourceChanged "source_changed";
    /// A source of data was removed.
    SourceRemoved "source_removed";
    /// The password or token of a source was set, or taken away.
    SourceSecretSet "source_secret_set";
    /// Rows of a source were pulled, to look at or to import by hand.
    SourcePulled "source_pulled";
    /// A source was told to begin anew.
    SourceStartedOver "source_started_over";
    /// Records were marked as different ones.
    KeptApart "kept_apart";
    /// A field of the organisation's own was added.
    FieldAdded "field_added";
    /// A field of the organisation's own was changed.
    FieldChanged "field_changed";
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Its number, ascending.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// Who did it: the user's id and name; absent where nobody was signed in, or the command line did it.
    pub user: Option<(i64, String)>,
    /// What was done ([`Action::as_str`]).
    pub action: String,
    /// To whom or what.
    pub subject: String,
    /// From which network address; empty for the command line.
    pub address: String,
    /// Anything else.
    pub detail: Value,
}

/// Lines of the log, the latest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// The lines.
    pub rows: Vec<LogRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<i64>,
}

/// Writes a line in the transaction of what it tells.
pub(crate) async fn note(
    writer: &mut Writer,
    by: &Caller,
    action: Action,
    subject: impl Into<String>,
    detail: Value,
    now: Instant,
) -> Result<()> {
    let draft = LogDraft {
        user: by.user,
        action: action.as_str(),
        subject: super::name::shown(&subject.into(), 200),
        address: by.address.clone(),
        detail,
    };
    Ok(writer.log_access(draft, now).await?)
}

impl Access {
    /// Writes a line that stands for itself, however long another writer takes: what it tells has happened.
    ///
    /// # Errors
    /// The database's own.
    pub async fn log(&self, by: &Caller, action: Action, subject: &str, detail: Value, now: Instant) -> Result<()> {
        let mut writer = self.store.with_turn(None).begin().await?;
        note(&mut writer, by, action, subject, detail, now).await?;
        writer.commit().await?;
        Ok(())
    }

    /// The lines before `cursor`, the latest first.
    ///
    /// # Errors
    /// The caller may not administer; or the database's own.
    pub async fn access_log(&self, by: &Caller, cursor: Option<i64>) -> Result<LogPage> {
        by.who.require(May::Administer)?;
        let users = self.store.users().await?;
        let lines = self.store.access_log(cursor.unwrap_or(i64::MAX), PAGE + 1).await?;
        let is_more = lines.len() > PAGE as usize;
        let rows: Vec<LogRow> = lines
            .into_iter()
            .take(PAGE as usize)
            .map(|line| LogRow {
                seq: line.seq,
                at: line.at,
                user: users.iter().find(|of| of.user.id == line.user).map(|of| (of.user.id, of.user.name.clone())),
                action: line.action,
                subject: line.subject,
                address: line.address,
                detail: line.detail,
            })
            .collect();
        let next = rows.last().filter(|_| is_more).map(|row| row.seq);
        Ok(LogPage { rows, next })
    }
}
