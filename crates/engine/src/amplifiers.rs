//! Functions that make much out of little.
//!
//! The engine's memory limit counts what operators hold, not what one function returns: `repeat('x', 2000000000)`
//! takes gigabytes unseen. Nothing that is asked or done needs such a function.

use datafusion::common::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::execution::session_state::SessionState;

/// Functions whose result is as long as a number says.
const AMPLIFIERS: [&str; 9] = [
    "repeat",
    "lpad",
    "rpad",
    "array_repeat",
    "list_repeat",
    "array_resize",
    "list_resize",
    "range",
    "generate_series",
];

/// Takes the functions out. The table functions `range` and `generate_series` stay: they come row by row.
///
/// # Errors
/// The engine's own, where it does not let go of a function.
pub fn without_amplifiers(state: &mut SessionState) -> Result<()> {
    for name in AMPLIFIERS {
        state.deregister_udf(name)?;
    }
    Ok(())
}
