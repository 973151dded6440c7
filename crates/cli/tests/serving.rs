//! `loudou serve` is killed while several clients write. The same on PostgreSQL is in `engines.rs`, which has the
//! server.

mod support;

use support::Data;
use support::load::kill_and_look;

#[test]
fn no_acknowledged_write_is_lost_and_none_is_done_twice() {
    let data = Data::empty();
    data.ok(&["init", "--name", "Example"]);
    kill_and_look(&data, 6, 20_261_124);
}
