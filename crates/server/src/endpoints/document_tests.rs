//! The document holds together, and is the one that the web application's client was generated from.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::router;

fn document() -> Value {
    let (_, document) = router().split_for_parts();
    serde_json::to_value(document).expect("it is JSON")
}

/// Every text under `key`, however deep.
fn all<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get(key).and_then(Value::as_str));
            object.values().for_each(|value| all(value, key, found));
        }
        Value::Array(values) => values.iter().for_each(|value| all(value, key, found)),
        _ => {}
    }
}

#[test]
fn what_is_referred_to_is_there_and_every_operation_has_a_name_of_its_own() {
    let document = document();
    let (mut references, mut names) = (Vec::new(), Vec::new());
    all(&document, "$ref", &mut references);
    all(&document, "operationId", &mut names);
    assert!(references.len() > 50 && names.len() > 30, "the document is nearly empty");
    let missing: BTreeSet<_> =
        references.into_iter().filter(|at| document.pointer(at.trim_start_matches('#')).is_none()).collect();
    assert!(missing.is_empty(), "referred to and not there: {missing:?}");
    let different: BTreeSet<_> = names.iter().collect();
    assert_eq!(different.len(), names.len(), "two operations share a name: {names:?}");
}

#[test]
fn every_refusal_is_a_problem_document_and_every_file_a_content_type() {
    let document = document();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let responses = operation["responses"].as_object().expect("responses");
            for (status, response) in responses.iter().filter(|(status, _)| status.as_str() >= "400") {
                let kinds: Vec<_> = response["content"].as_object().expect("a body").keys().collect();
                assert_eq!(kinds, ["application/problem+json"], "{method} {path} {status}");
            }
            let takes = |name: &str| operation["parameters"].to_string().contains(&format!(r#""name":"{name}""#));
            let tells = |status: &str| responses.contains_key(status);
            assert!(tells("400") && tells("503") && tells("504"), "{method} {path}");
            assert_eq!(takes("If-Match"), tells("428"), "{method} {path}");
            let kinds = responses.get("200").map(|answer| answer["content"].to_string()).unwrap_or_default();
            assert_eq!(takes("format"), kinds.contains("parquet"), "{method} {path}: {kinds}");
        }
    }
}

/// `web/openapi.json` is what `npm run api` makes the client's types of. To renew it:
/// `loudou serve`, then `curl ADDRESS/api/v1/openapi.json | python3 -m json.tool --no-ensure-ascii --indent 2`.
#[test]
fn the_client_was_generated_from_this_document() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/openapi.json");
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(file).expect("it is there")).expect("it is JSON");
    let now = document();
    for part in ["paths", "components"] {
        let (kept, now) = (kept[part].as_object().expect("an object"), now[part].as_object().expect("an object"));
        for key in kept.keys().chain(now.keys()) {
            assert!(kept.get(key) == now.get(key), "web/openapi.json differs in {part} at {key}: renew it");
        }
    }
    assert!(kept == now, "web/openapi.json differs: renew it");
}
