//! What the tests of uploads share: a database, whoever is asking, and the jobs of a process that stays.
#![allow(dead_code, unreachable_pub, reason = "every test binary uses its part")]

use std::sync::Arc;

use app::import::Recipe;
use app::jobs::{JobState, Jobs};
use app::{Loudou, Organisation, Place, Who};
use domain::{Instant, Kind};
use serde_json::Value;
use store::{Record, Store};
use tempfile::TempDir;

pub fn at(text: &str) -> Instant {
    Instant::from_datetime(text.parse().expect("a time"))
}

pub fn now() -> Instant {
    at("2026-11-24T01:00:00Z")
}

pub fn user(name: &str) -> Arc<Who> {
    Arc::new(Who { name: name.to_owned(), ..Who::system() })
}

/// A database, whoever is asking, and the jobs of a process.
pub struct Office {
    pub loudou: Loudou,
    pub jobs: Jobs,
    pub place: Place,
    _dir: TempDir,
}

pub async fn office() -> Office {
    let dir = tempfile::tempdir().expect("a folder");
    let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
    let loudou = Loudou::init(&place, &Organisation::default(), now()).await.expect("it is made");
    let loudou = loudou.session(user("ann"), now()).await.expect("a session");
    Office { loudou, jobs: Jobs::new(Arc::new(now)), place, _dir: dir }
}

impl Office {
    pub async fn run(&self, upload: i64, recipe: Recipe) -> Value {
        let job = self.jobs.import(&self.loudou, upload, recipe, false).expect("it begins");
        let job = self.jobs.ended(self.loudou.who(), job.id).await.expect("it ends");
        assert_eq!((job.state, &job.problem), (JobState::Done, &None));
        job.result.expect("a result")
    }

    pub async fn store(&self) -> Store {
        Store::open(&self.place.url().expect("a path"), 1).await.expect("it opens")
    }

    pub async fn all(&self, kind: Kind) -> Vec<Record> {
        self.store().await.all_records(kind).await.expect("they are read")
    }
}
