//! What every endpoint is given.

use std::sync::Arc;
use std::time::Duration;

use app::Loudou;
use app::access::{Access, Action, Caller};
use app::jobs::Jobs;
use app::sources::Sources;
use domain::Instant;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::Value;

use crate::problem::Problem;

/// The time, as the composition root reads it.
pub(crate) type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// How a server works.
#[derive(Clone)]
pub struct Settings {
    /// The time.
    pub clock: Clock,
    /// Bytes that a request may send, uploads apart.
    pub body_limit_bytes: usize,
    /// How long a request may take, streams apart.
    pub timeout: Duration,
    /// How long a request that writes waits for another writer, an import for example.
    pub write_turn: Duration,
    /// Whether browsers may keep the session for encrypted connections only.
    pub secure_cookie: bool,
    /// Whether a proxy of ours stands before the server and tells where requests come from.
    pub behind_proxy: bool,
    /// Renders what was counted and measured.
    pub metrics: PrometheusHandle,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("body_limit_bytes", &self.body_limit_bytes)
            .field("timeout", &self.timeout)
            .field("write_turn", &self.write_turn)
            .field("secure_cookie", &self.secure_cookie)
            .field("behind_proxy", &self.behind_proxy)
            .finish()
    }
}

/// What every endpoint is given. Cheap to clone.
#[derive(Debug, Clone)]
pub struct State {
    /// The data, as the system sees it; endpoints take it through [`crate::asker::Asker`].
    pub(crate) loudou: Loudou,
    /// The door to it.
    pub(crate) access: Access,
    /// The door to sources.
    pub(crate) sources: Sources,
    /// Long work in the background.
    pub(crate) jobs: Jobs,
    pub(crate) settings: Settings,
}

impl State {
    /// A server's state over opened data.
    #[must_use]
    pub fn new(loudou: Loudou, access: Access, settings: Settings) -> Self {
        let jobs = Jobs::new(Arc::clone(&settings.clock));
        let sources = access.sources(&loudou);
        let (loudou, access) = (loudou.with_turn(Some(settings.write_turn)), access.with_turn(settings.write_turn));
        Self { loudou, access, sources, jobs, settings }
    }

    /// The same with another door to sources: files of the machine, a key of the environment.
    #[must_use]
    pub fn with_sources(self, sources: Sources) -> Self {
        Self { sources, ..self }
    }

    pub(crate) fn now(&self) -> Instant {
        (self.settings.clock)()
    }

    /// Tells the access log that somebody takes data away. While another writer is at work the line waits for it, and
    /// the data do not.
    pub(crate) async fn log_export(&self, caller: &Caller, name: String, detail: Value) -> Result<(), Problem> {
        let (access, caller, now) = (self.access.clone(), caller.clone(), self.now());
        let written = tokio::spawn(async move {
            let written = access.log(&caller, Action::Exported, &name, detail, now).await;
            if let Err(error) = &written {
                tracing::error!(%error, name, user = caller.user, "an export is not in the access log");
            }
            written
        });
        match tokio::time::timeout(self.settings.write_turn, written).await {
            Ok(Ok(written)) => Ok(written?),
            Ok(Err(error)) => Err(app::AppError::system(format!("an export could not be logged: {error}")).into()),
            Err(_) => Ok(()),
        }
    }
}
