//! Providers that misbehave. Compiled once; `plumb_guests::component` writes the behaviour's name over [`MARKER`].
// Only WebAssembly exports it, so elsewhere nobody calls it.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

mod lies;

use plumbline::bindings::provider::plumbline::plugin::inventory;
use plumbline::encode::encode;
use plumbline::log;
use plumbline::provider::{
    AttributeHint, Document, Error, Gap, Info, Meaning, Permission, Target, Task, files, wire, write_document,
};
use plumbline::serde_json::{Value as Json, json};

#[used]
static MARKER: [u8; 48] = *b"plumbline-guest-behaviour:......................";

/// The name after the colon, up to the first dot.
fn behaviour() -> &'static str {
    // The compiler must not know the bytes: they are others when this runs.
    let marker = std::hint::black_box(&MARKER);
    let text = std::str::from_utf8(marker).unwrap_or_default();
    text.split(':').nth(1).and_then(|name| name.split('.').next()).unwrap_or_default()
}

/// Names that must not lead anywhere.
const ESCAPES: [&str; 10] = [
    "/etc/passwd",
    "../etc/passwd",
    "../../../../../../etc/passwd",
    "a/../../etc/passwd",
    "./../etc/passwd",
    "..\\..\\etc\\passwd",
    "a\0/etc/passwd",
    "//etc/passwd",
    "file:///etc/passwd",
    "/proc/self/environ",
];

fn resource(id: &str, config: &Json) -> Json {
    json!({"id": id, "kind": "guest_thing", "name": id, "account": "1", "region": "here", "config": config})
}

fn emit(resources: &[Json]) -> Result<(), Error> {
    let mut bytes = Vec::new();
    encode(&Json::from(resources), &mut bytes);
    inventory::emit(&Document::Msgpack(bytes))
}

fn emit_two() -> Result<(), Error> {
    emit(&[
        resource("guest_thing.one", &json!({"value": "good"})),
        resource("guest_thing.two", &json!({"value": "bad"})),
    ])
}

/// Emits without end, each time other ids.
fn flood() -> Result<(), Error> {
    let mut number = 0u64;
    loop {
        let page: Vec<Json> = (number..number + 256)
            .map(|id| resource(&format!("guest_thing.{id}"), &json!({"value": "x".repeat(1000)})))
            .collect();
        emit(&page)?;
        number += 256;
    }
}

/// More than any host keeps of what attributes mean.
fn hint_flood() -> Vec<AttributeHint> {
    let hint = |number: u32| AttributeHint {
        kind: "guest_thing".to_owned(),
        path: number.to_string(),
        meaning: Meaning::ProviderNoise,
    };
    (0..60_000).map(hint).collect()
}

/// More rights than any host keeps.
fn permission_flood() -> Vec<Permission> {
    let actions = (0..20_000).map(|number| format!("guest:Read{number}")).collect();
    vec![Permission { kind: "guest_thing".to_owned(), actions }]
}

/// Reports without end, until the host's patience is over.
fn gap_flood() -> ! {
    let mut number = 0u64;
    loop {
        let gap = Gap { path: String::new(), reason: format!("gap {number}"), permission: None };
        inventory::report_gap("guest_thing", "", &gap);
        number += 1;
    }
}

/// Asks for more sources than any file needs.
fn recall_flood() -> Result<(), Error> {
    inventory::recall(&vec![vec![0]; 10_001]).map(drop)
}

/// Says that a resource was made from a source that nobody asked for, after one that somebody did.
fn wrong_source() -> Result<(), Error> {
    inventory::recall(&[b"one".to_vec()])?;
    let mut bytes = Vec::new();
    encode(&json!([resource("guest_thing.one", &json!({}))]), &mut bytes);
    inventory::emit_from(&Document::Msgpack(bytes.clone()), &[Some(0)])?;
    inventory::emit_from(&Document::Msgpack(bytes), &[Some(1)])
}

/// One resource for each name, which tells what the host answered.
fn escape() -> Result<(), Error> {
    let answers = ESCAPES.iter().enumerate().map(|(number, name)| {
        let answer = match files::read(name, 0, 1024) {
            Ok(bytes) => json!({"name": name, "read": bytes.len()}),
            Err(error) => json!({"name": name, "refused": format!("{error:?}")}),
        };
        resource(&format!("guest_thing.{number}"), &answer)
    });
    emit(&answers.collect::<Vec<_>>())
}

fn task(id: &str) -> Task {
    Task {
        id: id.to_owned(),
        service: "guest".to_owned(),
        account: "1".to_owned(),
        region: "here".to_owned(),
        kinds: vec!["guest_thing".to_owned()],
        payload: write_document(&json!({})),
    }
}

struct Provider;

impl wire::Guest for Provider {
    fn describe() -> Info {
        Info {
            families: vec!["guest".to_owned()],
            whole_accounts: true,
            attributes: if behaviour() == "provider_hint_flood" { hint_flood() } else { Vec::new() },
            permissions: if behaviour() == "provider_rights_flood" { permission_flood() } else { Vec::new() },
            settings_schema: "{}".to_owned(),
        }
    }

    fn plan(_: Target) -> Result<Vec<Task>, Error> {
        Ok(match behaviour() {
            "provider_lies" => lies::NAMES.map(task).into(),
            "provider_lying_plan" => vec![task("same"), task("same"), task(""), task("\u{1b}[31m\0")],
            "provider_plan_error" => return Err(Error::Unavailable("the plan has to wait".to_owned())),
            "provider_plan_flood" => {
                (0..200_000).map(|number: u32| Task { kinds: Vec::new(), ..task(&number.to_string()) }).collect()
            }
            _ => vec![task("all")],
        })
    }

    fn collect(_: Target, task: Task) -> Result<(), Error> {
        log::info("collecting");
        match behaviour() {
            "provider_lies" => inventory::emit(&lies::page(&task.id)),
            "provider_flood" => flood(),
            "provider_gap_flood" => gap_flood(),
            "provider_escape" => escape(),
            "provider_error" => emit_two().and(Err(Error::Denied("the third may not be read".to_owned()))),
            "provider_recall_flood" => recall_flood(),
            "provider_wrong_source" => wrong_source(),
            "provider_trap" => emit_two().and_then(|()| std::process::abort()),
            _ => emit_two(),
        }
    }
}

// The names of the exports are none that another linker takes.
#[cfg(target_arch = "wasm32")]
plumbline::bindings::provider::export!(Provider with_types_in plumbline::bindings::provider);
