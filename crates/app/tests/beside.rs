//! Reading beside somebody who writes.

use app::{Ask, Loudou, Organisation, Place};
use domain::Instant;
use store::Store;

#[tokio::test]
async fn questions_are_answered_while_another_writes() {
    let dir = tempfile::tempdir().expect("a folder");
    let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
    let now = Instant::from_datetime("2026-11-23T01:00:00Z".parse().expect("a time"));
    Loudou::init(&place, &Organisation::default(), now).await.expect("it is made");

    let other = Store::open(&place.url().expect("a path"), 2).await.expect("it opens");
    let writing = other.begin().await.expect("the only writer");
    let loudou = Loudou::open(&place, now).await.expect("it opens without the right to write");
    let answer = loudou.funnel(&Ask::default()).await.expect("an answer");
    assert_eq!(answer.terms.get("as_of"), Some(&"2026-11-23".into()));
    writing.rollback().await.expect("nothing was written");
}
