//! Sales processes and the conditions of their gates: whatever the text, a process or every reason why it is none.

#![no_main]

use domain::process::Expr;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(issues) = domain::process::load(text) {
        assert!(!issues.is_empty());
    }
    let _ = Expr::parse(text);
});
