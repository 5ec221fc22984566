//! Checks that misbehave. Compiled once; `plumb_guests::component` writes the behaviour's name over [`MARKER`].
// Only WebAssembly exports it, so elsewhere nobody calls it.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

use plumbline::account::Account;
use plumbline::bindings::checks::exports::plumbline::plugin::checks::Guest;
use plumbline::document::Value;
use plumbline::export::checks::wire::{AccountOutcome, Check, Context, Outcome, Remediation, Scope, Verdict};
use plumbline::export::checks::{Document, Error};
use plumbline::prelude::Severity;

#[used]
static MARKER: [u8; 48] = *b"plumbline-guest-behaviour:......................";

/// The name after the colon, up to the first dot.
fn behaviour() -> &'static str {
    // The compiler must not know the bytes: they are others when this runs.
    let marker = std::hint::black_box(&MARKER);
    let text = std::str::from_utf8(marker).unwrap_or_default();
    text.split(':').nth(1).and_then(|name| name.split('.').next()).unwrap_or_default()
}

/// What a terminal, a web page, a spreadsheet or a log would act upon.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\n\0\u{9b}31m\u{202e}gpj\u{200b}<script>alert(1)</script>\
                       \"><img src=x onerror=alert(1)>=HYPERLINK(\"http://example.com\")|](javascript:alert(1))";

/// A megabyte of text.
fn long() -> String {
    "=1+1<b>\u{1b}[31m".repeat(90_000)
}

fn check(id: &str, scope: Scope) -> Check {
    Check {
        id: id.to_owned(),
        title: "A guest's check".to_owned(),
        description: String::new(),
        risk: String::new(),
        severity: Severity::Medium,
        scope,
        kinds: vec!["guest_thing".to_owned()],
        subjects: Vec::new(),
        reads: vec!["value".to_owned()],
        time_dependent: false,
        categories: Vec::new(),
        references: Vec::new(),
        remediation: Remediation {
            text: String::new(),
            url: String::new(),
            command: String::new(),
            terraform: String::new(),
            effort_minutes: 0,
        },
    }
}

fn hostile_check() -> Check {
    Check {
        title: long(),
        description: HOSTILE.to_owned(),
        risk: HOSTILE.to_owned(),
        categories: vec![HOSTILE.to_owned()],
        references: vec!["javascript:alert(1)".to_owned(), HOSTILE.to_owned()],
        remediation: Remediation {
            text: HOSTILE.to_owned(),
            url: "javascript:alert(1)".to_owned(),
            command: HOSTILE.to_owned(),
            terraform: HOSTILE.to_owned(),
            effort_minutes: u32::MAX,
        },
        ..check("guest_check", Scope::Resource)
    }
}

fn text<'a>(resource: Value<'a>, key: &str) -> &'a str {
    resource.get(key).and_then(Value::as_text).unwrap_or_default()
}

fn verdict(resource: Value<'_>) -> Verdict {
    match behaviour() {
        "trap_on_one" if text(resource, "id").contains("poison") => std::process::abort(),
        "error_on_one" if text(resource, "id").contains("poison") => Verdict::Error("this one is poisoned".to_owned()),
        "hostile_text" => Verdict::Fail(format!("{HOSTILE}{}", long())),
        // It looks at no gaps: the host has to.
        _ => match resource.get("config").map(|config| text(config, "value")) {
            Some("bad") => Verdict::Fail("its value is bad".to_owned()),
            _ => Verdict::Pass,
        },
    }
}

struct Checks;

impl Guest for Checks {
    fn describe() -> Vec<Check> {
        match behaviour() {
            "lying_check_ids" => ["twice", "twice", "", "Not An Id", "../etc", "\u{1b}[31mred", &"a".repeat(5000)]
                .map(|id| check(id, Scope::Resource))
                .into(),
            "hostile_text" => vec![hostile_check()],
            "lying_subjects" => {
                vec![Check { subjects: vec!["guest_other".to_owned()], ..check("guest_account_check", Scope::Account) }]
            }
            of if of.starts_with("subjects_") => vec![Check {
                kinds: vec!["guest_thing".to_owned(), "guest_other".to_owned()],
                subjects: vec!["guest_thing".to_owned()],
                ..check("guest_account_check", Scope::Account)
            }],
            _ => vec![check("guest_check", Scope::Resource), check("guest_account_check", Scope::Account)],
        }
    }

    fn evaluate(_: Context, checks: Vec<String>, resources: Document) -> Result<Vec<Outcome>, Error> {
        if behaviour() == "evaluate_error" {
            return Err(Error::Internal(HOSTILE.to_owned()));
        }
        let Document::Msgpack(bytes) = resources else {
            return Err(Error::Invalid("the manifest asks for MessagePack".to_owned()));
        };
        let mut outcomes = Vec::new();
        for (position, resource) in (0u32..).zip(Value::new(&bytes).elements()) {
            for (number, _) in (0u32..).zip(&checks) {
                outcomes.push(Outcome { check: number, resource: position, verdict: verdict(resource) });
            }
        }
        Ok(outcomes)
    }

    fn evaluate_account(_: Context, checks: Vec<String>) -> Result<Vec<AccountOutcome>, Error> {
        let mut ids = Vec::new();
        let complete = Account::of_the_scan().each("guest_thing", |thing| {
            ids.push(Some(thing.id.to_owned()));
            Ok(())
        });
        let abouts = match behaviour() {
            "subjects_of_none" => vec![],
            "subjects_of_two" => ids.iter().chain(&ids).cloned().collect(),
            _ => vec![None],
        };
        let verdict = match complete {
            Ok(()) if !ids.is_empty() => Verdict::Pass,
            Ok(()) => Verdict::Fail("there are none".to_owned()),
            Err(unread) => Verdict::NotEvaluated(unread.to_string()),
        };
        let outcomes = |check| {
            let outcome = move |resource_id, verdict| AccountOutcome { check, resource_id, verdict };
            abouts.iter().map(|about| outcome(about.clone(), verdict.clone())).collect::<Vec<_>>()
        };
        Ok((0u32..).zip(&checks).flat_map(|(number, _)| outcomes(number)).collect())
    }
}

// The names of the exports are none that another linker takes.
#[cfg(target_arch = "wasm32")]
plumbline::bindings::checks::export!(Checks with_types_in plumbline::bindings::checks);
