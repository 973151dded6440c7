//! Bounds around a pull: how long it may take, and whether it is still wanted.

use std::future::Future;
use std::time::Duration;

use crate::{Failure, Follow, Limits};

/// How often somebody who may cancel is asked.
const LOOK_UP: Duration = Duration::from_millis(100);

/// Runs a pull until it is done, takes too long, or is cancelled.
pub(crate) async fn guarded<T>(
    limits: &Limits,
    follow: &dyn Follow,
    pull: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let cancelled = async {
        while !follow.is_cancelled() {
            tokio::time::sleep(LOOK_UP).await;
        }
    };
    tokio::select! {
        biased;
        done = tokio::time::timeout(Duration::from_secs(limits.seconds), pull) => {
            done.unwrap_or_else(|_| Err(too_long(limits)))
        }
        () = cancelled => Err(Failure::cancelled()),
    }
}

fn too_long(limits: &Limits) -> Failure {
    let seconds = limits.seconds;
    Failure::too_much(format!("超过 {seconds} 秒仍未取完"), format!("it took longer than {seconds} seconds"))
        .hint("请缩小查询的范围，或放宽 limits.seconds", "ask for less, or raise limits.seconds")
}
