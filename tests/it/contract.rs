//! The five documents that `/api` and `/v1/scans` are written after, example by example: what each names, what it sends, and the
//! shape of what it is answered. The facts of each document stand in a file of its own; [`world`] is a server that has something to
//! answer with.

mod drift;
mod evidence;
mod full;
mod history;
mod repositories;
mod world;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::repository;
use crate::shape::{compare, has_shape};
use world::World;

/// One document.
struct Document {
    /// The lines that name its endpoints: a heading, or the request of an example.
    endpoints: &'static [&'static str],
    examples: &'static [Example],
    parameters: &'static [Parameter],
    /// A path, and what stands where in the answer, because of a default or a bound.
    settled: &'static [(&'static str, &'static str, &'static str)],
    /// A filter: path, the list in the answer, the field of each entry, its value.
    filters: &'static [(&'static str, &'static str, &'static str, &'static str)],
    /// Requests that are refused, with the document's body of that refusal.
    refusals: &'static [Example],
}

/// A request of a document, and its answer.
struct Example {
    /// Method and path, with `{name}` where [`World`] knows a value.
    request: &'static str,
    /// Empty for none.
    body: &'static str,
    status: u16,
    /// Empty where the document shows none.
    answer: &'static str,
    /// Keys that the document's prose says may be null.
    open: &'static [&'static str],
}

/// A parameter of a query, with values that are taken and values that are refused by its name.
struct Parameter {
    path: &'static str,
    name: &'static str,
    good: &'static [&'static str],
    bad: &'static [&'static str],
}

fn documents() -> [(&'static str, Document); 5] {
    [
        ("S1", repositories::DOCUMENT),
        ("S2", history::DOCUMENT),
        ("S3", full::DOCUMENT),
        ("S4", evidence::DOCUMENT),
        ("S5", drift::DOCUMENT),
    ]
}

/// Method and path of each endpoint that a text names, with `{}` for what differs from request to request.
fn endpoints(text: &str) -> BTreeSet<String> {
    const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let mut found = BTreeSet::new();
    let mut asked = None;
    for line in text.lines() {
        let mut words = line.trim_start_matches("- ").split_whitespace();
        let first = words.next().unwrap_or_default();
        let second = words.next().unwrap_or_default();
        let after = |option: &str| {
            let (_, rest) = line.split_once(option)?;
            rest.split_whitespace().next().map(|word| word.trim_matches('"').to_owned())
        };
        if METHODS.contains(&first) && (second.starts_with("/api/") || second.starts_with("/v1/")) {
            found.insert(format!("{first} {}", generic(second)));
        } else if let (Some(method), Some(url)) = (after("-X "), line.split('"').nth(1)) {
            found.extend(path_of(url).map(|path| format!("{method} {}", generic(path))));
        } else if let Some(method) = after("--request ") {
            asked = Some(method);
        } else if let (Some(method), Some(url)) = (&asked, after("--url ")) {
            found.extend(path_of(&url).map(|path| format!("{method} {}", generic(path))));
        } else if let Some(url) = line.split('"').find(|part| part.starts_with("wss://")) {
            found.extend(path_of(url).map(|path| format!("GET {}", generic(path))));
        }
    }
    found
}

fn path_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.find('/').map(|slash| &rest[slash..])
}

/// A path without its query, and with `{}` for ids.
fn generic(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let part = |part: &str| {
        let is_id = part.starts_with([':', '{']) || part.starts_with("scan_");
        if is_id { "{}".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn named(document: &Document) -> BTreeSet<String> {
    document.endpoints.iter().flat_map(|line| endpoints(line)).collect()
}

#[test]
fn every_endpoint_that_a_document_names_has_an_example_and_stands_in_the_openapi_document() {
    let openapi = std::fs::read_to_string(repository().join("host/server/openapi.json")).unwrap();
    let openapi: Value = serde_json::from_str(&openapi).unwrap();
    let served: BTreeSet<String> = openapi["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {}", method.to_uppercase(), generic(path)))
        })
        .collect();
    for (name, document) in documents() {
        let examples: BTreeSet<String> =
            document.examples.iter().flat_map(|example| endpoints(example.request)).collect();
        let named = named(&document);
        assert_eq!(named.len(), document.endpoints.len(), "{name}: a line names nothing, or two name the same");
        let missing: Vec<_> = named.difference(&examples).collect();
        assert!(missing.is_empty(), "{name} has no example of {missing:?}");
        let unknown: Vec<_> = named.difference(&served).collect();
        assert!(unknown.is_empty(), "{name} names what nobody serves: {unknown:?}");
    }
}

#[test]
fn the_lines_above_are_all_that_the_documents_name() {
    let Some(folder) = std::env::var_os("PLUMB_DOCUMENTS") else {
        println!("skipped: PLUMB_DOCUMENTS names no folder with the five documents");
        return;
    };
    let text = |entry: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(entry.unwrap().path()).unwrap();
    let written: BTreeSet<String> =
        std::fs::read_dir(folder).unwrap().map(text).flat_map(|text| endpoints(&text)).collect();
    let carried: BTreeSet<String> = documents().iter().flat_map(|(_, document)| named(document)).collect();
    assert_eq!(carried, written);
}

#[test]
fn every_example_is_answered_in_the_shape_that_its_document_shows() {
    let world = World::new();
    let mut wrong = Vec::new();
    for (name, document) in documents() {
        for example in document.examples {
            let Example { request, status, answer, open, .. } = example;
            let (found, body) = world.send(request, example.body);
            if found != *status {
                wrong.push(format!("{name} {request}: {found} where it is {status}: {body}"));
            } else if !answer.is_empty() {
                let answer: Value = serde_json::from_str(answer).unwrap();
                wrong.extend(
                    compare(&body, &answer, open, "").err().map(|why| format!("{name} {request}: {why}: {body}")),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.end();
}

#[test]
fn every_parameter_takes_what_it_should_and_its_defaults_bounds_and_filters_hold() {
    let world = World::new();
    let mut wrong = Vec::new();
    for (name, document) in documents() {
        for Parameter { path, name: parameter, good, bad } in document.parameters {
            let with =
                |value: &str| format!("GET {path}{}{parameter}={value}", if path.contains('?') { '&' } else { '?' });
            for value in *good {
                let (status, body) = world.send(&with(value), "");
                if status != 200 {
                    wrong.push(format!("{name} {}: {status} {body}", with(value)));
                }
            }
            for value in *bad {
                let (status, body) = world.send(&with(value), "");
                if status != 400 || !body.to_string().contains(parameter) {
                    wrong.push(format!("{name} {} is not refused by name: {status} {body}", with(value)));
                }
            }
        }
        for (path, pointer, value) in document.settled {
            let (_, body) = world.send(&format!("GET {path}"), "");
            let expected: Value = serde_json::from_str(value).unwrap();
            if body.pointer(pointer) != Some(&expected) {
                wrong.push(format!("{name} {path}: {pointer} is not {value} in {body}"));
            }
        }
        for (path, list, field, value) in document.filters {
            let (_, body) = world.send(&format!("GET {path}"), "");
            let entries = body.pointer(list).and_then(Value::as_array).cloned().unwrap_or_default();
            let expected: Value = serde_json::from_str(value).unwrap();
            if entries.is_empty() || entries.iter().any(|entry| entry[*field] != expected) {
                wrong.push(format!("{name} {path}: not every {field} is {value} in {body}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.end();
}

#[test]
fn every_refusal_has_the_body_that_its_document_shows() {
    let world = World::new();
    let mut wrong = Vec::new();
    for (name, document) in documents() {
        for Example { request, body, status, answer, open } in document.refusals {
            let (found, refusal) = world.send(request, body);
            let expected: Value = serde_json::from_str(answer).unwrap();
            let differs = compare(&refusal, &expected, open, "").err();
            if found != *status || differs.is_some() {
                wrong.push(format!("{name} {request} {body}: {found} where it is {status}; {differs:?}: {refusal}"));
            }
        }
        // Whoever has no token, and whoever's token may not.
        let first = document.examples.first().unwrap().request;
        let form = match name {
            // Both list scans at one path, whose errors have one form.
            "S1" | "S4" => json!({"success": false, "error": "", "message": ""}),
            "S2" => json!({"error": "UNAUTHORIZED", "message": "Authentication required"}),
            "S3" => json!({"error": "", "error_description": "", "error_code": "", "details": [], "timestamp": ""}),
            _ => json!({"type": "", "title": "", "status": 401, "detail": "", "code": ""}),
        };
        for (token, status) in [("plumb_nobody", 401), (world.powerless.as_str(), 403)] {
            let (found, refusal) = world.send_as(token, first, "");
            let differs = compare(&refusal, &form, &[], "").err();
            if found != status || differs.is_some() {
                wrong.push(format!("{name} {first}: {found} where it is {status}; {differs:?}: {refusal}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.end();
}

#[test]
fn a_storm_of_triggers_is_answered_by_places_and_by_the_document_s_refusal_and_every_accepted_scan_ends() {
    const ASKED: usize = 24;
    let world = World::with("[rate]\ntriggers = 1000\n[scans]\nmax_concurrent = 1\nqueue = 3\n");
    world.add_large();
    let path = format!("POST /api/scans/trigger/{}", world.value("large"));
    let full = r#"{"name": "Storm", "scan_type": "full", "environment": "staging", "cloud_providers": ["aws"]}"#;
    let answers: Vec<(bool, u16, Value)> = std::thread::scope(|scope| {
        let ask = |number: usize| {
            let (world, path) = (&world, &path);
            scope.spawn(move || {
                let plain = number.is_multiple_of(2);
                let (status, body) = if plain { world.send(path, "") } else { world.send("POST /v1/scans", full) };
                (plain, status, body)
            })
        };
        (0..ASKED).map(ask).collect::<Vec<_>>().into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let taken: Vec<String> = answers
        .iter()
        .filter(|(_, status, _)| *status == 201)
        .map(|(plain, _, body)| if *plain { &body["data"]["_id"] } else { &body["id"] }.as_str().unwrap().to_owned())
        .collect();
    // One runs and three wait; another finds a place where one has ended meanwhile.
    assert!((4..ASKED).contains(&taken.len()), "{answers:#?}");
    for (plain, status, body) in answers.iter().filter(|(_, status, _)| *status != 201) {
        assert_eq!(*status, 429, "{body}");
        let figures = json!({"current_scans": 10, "max_concurrent": 10, "queue_position": 5, "estimated_wait_time": "15m",
            "retry_after": 900});
        has_shape(body, &figures, &[]);
        assert_eq!((&body["max_concurrent"], &body["queue_position"]), (&json!(1), &json!(4)), "{body}");
        let words = if *plain { ("error", "scan_limit_exceeded") } else { ("error_code", "SCAN_002") };
        assert_eq!(body[words.0], words.1, "{body}");
    }
    for id in taken.iter().rev() {
        // One that has just ended is not cancelled any more; that is an end too.
        let (status, body) = world.send(&format!("DELETE /v1/scans/{id}"), "");
        assert!([200, 409].contains(&status), "{status} {body}");
    }
    for id in &taken {
        let end = world.ended(id);
        assert!(["cancelled", "completed"].contains(&end["status"].as_str().unwrap()), "{end}");
    }
    world.end();
}
