//! What a store promises, held on every engine: SQLite always, PostgreSQL where `LOUDOU_TEST_POSTGRES` names
//! a server (and `LOUDOU_TEST_POSTGRES_REQUIRED=1` says that it must).

mod access;
mod backup;
mod connections;
mod histories;
mod journal;
mod merges;
mod model;
mod registry;
mod support;
