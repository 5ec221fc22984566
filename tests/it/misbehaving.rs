//! Plugins that misbehave, one behaviour each: contained, named in the record, and the rest of the scan stands.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::harness::{Plumb, Run, VERSIONING, bucket, finished, state};

/// A state with a good bucket and two things that guests' checks look at.
fn things() -> String {
    let thing = |name: &str| json!({"id": name, "name": name});
    state(&[
        ("aws_s3_bucket", "logs", bucket("logs", true)),
        (plumb_guests::KIND, "one", thing("one")),
        (plumb_guests::KIND, "two", thing("two")),
    ])
}

/// Scans with a guest beside the built-in plugins.
fn scan_with(guest: &str) -> Run {
    let plumb = Plumb::with_plugins(&[(guest, plumb_guests::component(guest))]);
    let path = plumb.write("a.tfstate", things());
    let run = plumb.scan(&path, &[]);
    assert!(!run.stderr.contains("panicked"), "{guest}: {}", run.stderr);
    let json = run.json();
    assert_eq!(json["scan"]["status"], "completed", "{guest}: {}", run.stderr);
    let versioned = json["findings"].as_array().unwrap().iter().find(|finding| finding["check_id"] == VERSIONING);
    assert_eq!(versioned.unwrap()["verdict"], "pass", "{guest}: the built-in checks stand");
    run
}

/// The findings about what guests' checks look at.
fn guest_findings(run: &Run) -> Vec<Value> {
    run.findings().into_iter().filter(|finding| finding["resource"]["kind"] == plumb_guests::KIND).collect()
}

/// A guest that loads and then fails: every one of its outcomes is not-evaluated, and says why.
#[track_caller]
fn fails_with(guest: &str, named: &str) {
    let run = scan_with(guest);
    let findings = guest_findings(&run);
    assert!(!findings.is_empty(), "{guest}: {}", run.stderr);
    for finding in &findings {
        assert_eq!(finding["verdict"], "not-evaluated", "{guest}: {finding}");
        let message = finding["message"].as_str().unwrap();
        assert!(message.contains(named) && message.contains(guest), "{guest}: wanted '{named}' in: {message}");
    }
    assert!(run.json()["scan"]["coverage"].as_f64().unwrap() < 100.0, "{guest}");
}

/// A guest that does not load: the reason stands on standard error, and the others are there.
#[track_caller]
fn is_refused(guest: &str, named: &str) {
    let run = scan_with(guest);
    assert!(guest_findings(&run).is_empty(), "{guest}");
    assert!(run.stderr.contains(named), "{guest}: wanted '{named}' in: {}", run.stderr);
}

#[test]
fn a_loop_in_an_export_is_stopped() {
    fails_with("loop_in_export", "ran longer");
}

#[test]
fn a_loop_at_the_start_keeps_the_plugin_out() {
    is_refused("loop_in_start", "ran longer");
}

#[test]
fn a_loop_in_realloc_is_stopped() {
    fails_with("loop_in_realloc", "ran longer");
}

#[test]
fn a_loop_after_the_return_is_stopped() {
    fails_with("loop_in_post_return", "ran longer");
}

#[test]
fn memory_is_bounded() {
    fails_with("memory_bomb", "MiB of memory");
}

#[test]
fn tables_are_bounded() {
    fails_with("table_bomb", "table");
}

#[test]
fn the_stack_is_bounded() {
    fails_with("stack_bomb", "stack");
}

#[test]
fn output_is_bounded() {
    fails_with("huge_output", "");
}

#[test]
fn calls_of_the_host_are_bounded() {
    fails_with("host_call_flood", "called the host more than");
}

#[test]
fn a_crash_is_recorded_as_one() {
    fails_with("trap", "crashed");
}

#[test]
fn a_plugin_that_says_nothing_is_taken_at_its_word() {
    let run = scan_with("silent");
    for finding in guest_findings(&run) {
        assert_eq!(finding["verdict"], "not-evaluated");
        assert!(finding["message"].as_str().unwrap().contains("no outcome"));
    }
}

#[test]
fn a_resource_that_is_judged_with_its_account_has_one_verdict_of_its_own() {
    is_refused("lying_subjects", "guest_other");
    let unjudged = guest_findings(&scan_with("subjects_of_none"));
    assert_eq!(unjudged.len(), 2);
    for finding in unjudged {
        assert_eq!(finding["verdict"], "not-evaluated");
        assert!(finding["message"].as_str().unwrap().contains("no outcome"));
    }
    for guest in ["subjects_of_two", "subjects_of_account"] {
        let run = scan_with(guest);
        assert!(guest_findings(&run).is_empty(), "{guest}");
        let mut findings = run.findings().into_iter();
        let whole = findings.find(|finding| finding["check_id"] == "guest_account_check").unwrap();
        assert_eq!(whole["verdict"], "not-evaluated", "{guest}: {whole}");
        assert!(whole["message"].as_str().unwrap().contains("was not asked about"), "{guest}: {whole}");
    }
}

#[test]
fn one_resource_that_crashes_a_check_costs_only_itself() {
    let plumb = Plumb::with_plugins(&[("trap_on_one", plumb_guests::component("trap_on_one"))]);
    let thing = |name: &str| json!({"id": name, "name": name});
    let names: Vec<String> = (0..40).map(|n| if n == 23 { "poison".to_owned() } else { format!("t{n}") }).collect();
    let resources: Vec<_> = names.iter().map(|name| (plumb_guests::KIND, name.as_str(), thing(name))).collect();
    let run = plumb.scan(&plumb.write("a.tfstate", state(&resources)), &[]);
    for finding in guest_findings(&run) {
        let poisoned = finding["resource"]["id"].as_str().unwrap().contains("poison");
        assert_eq!(finding["verdict"], if poisoned { "not-evaluated" } else { "pass" }, "{finding}");
    }
}

#[test]
fn positions_outside_the_batch_are_a_wrong_answer() {
    fails_with("lying_indices", "wrong answer");
}

#[test]
fn a_log_flood_is_cut_and_harms_nothing() {
    let run = scan_with("log_flood");
    assert!(run.stderr.len() < 1 << 20);
}

#[test]
fn what_is_no_plugin_is_refused_with_what_to_do() {
    for (guest, named) in [
        ("not_a_component", "plumb plugin build"),
        ("no_manifest", "carries no manifest"),
        ("bad_manifest", "manifest (plugin.toml) is wrong"),
        ("unknown_contract", "rebuild it with an SDK"),
        ("ungranted_import", "does not ask for"),
        ("wasi_import", "without WASI"),
        ("wrong_types", "does not fit the contract"),
        ("lying_check_ids", "check"),
    ] {
        is_refused(guest, named);
    }
}

#[test]
fn a_plugin_that_would_take_all_memory_to_compile_is_refused_and_the_others_load() {
    let plumb = Plumb::with_plugins(&[("compile_bomb", plumb_guests::component("compile_bomb"))]);
    let run = plumb.run(&["plugin", "list"]).expect(0);
    assert!(run.stderr.contains("of memory"), "{}", run.stderr);
    assert!(run.stdout.contains("checks-aws"), "{}", run.stdout);
}

/// A server that is killed leaves no compiler behind.
#[test]
fn the_compiler_ends_with_the_program_that_wants_its_code() {
    let component = plumb_guests::component("compile_bomb");
    let plumb = Plumb::new();
    let mut compiler = plumb.command(&["compile"]);
    let mut compiler = compiler.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = compiler.stdin.take().unwrap();
    input.write_all(&(component.len() as u64).to_le_bytes()).unwrap();
    input.write_all(&component).unwrap();
    assert!(compiler.try_wait().unwrap().is_none());
    drop(input);
    assert_eq!(compiler.wait().unwrap().code(), Some(1));
}

#[test]
fn what_is_no_component_is_no_reason_for_the_compiler_to_break() {
    let plumb = Plumb::new();
    for (input, words) in
        [(&b""[..], "did not arrive"), (&[255; 9], "too large"), (&[4, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], "")]
    {
        let mut compiler = plumb.command(&["compile"]);
        let mut compiler =
            compiler.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut open = compiler.stdin.take().unwrap();
        open.write_all(input).unwrap();
        // Where there is more to come, it waits for it until the end.
        let open = (input.len() > 8).then_some(open);
        let run = finished(compiler.wait_with_output().unwrap());
        drop(open);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
        assert!(run.stderr.contains(words) && !run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

#[test]
fn a_plugins_own_words_reach_no_terminal_unescaped() {
    let plumb = Plumb::with_plugins(&[("hostile_text", plumb_guests::component("hostile_text"))]);
    let path = plumb.write("a.tfstate", things());
    for format in ["table", "csv", "html", "markdown", "json", "sarif", "ocsf", "junit"] {
        let run = plumb.run(&["scan", "terraform", path.to_str().unwrap(), "-o", format]);
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{format}");
        assert!(run.stdout.len() < 64 << 20, "{format}");
    }
    for arguments in [vec!["check", "list"], vec!["plugin", "list"], vec!["doctor"]] {
        let run = plumb.run(&arguments);
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{arguments:?}");
    }
}

#[test]
fn a_provider_that_lies_floods_or_climbs_is_contained() {
    let providers: Vec<&str> = plumb_guests::names().into_iter().filter(|name| name.starts_with("provider_")).collect();
    assert!(providers.len() >= 3, "{providers:?}");
    for guest in providers {
        let plumb = Plumb::with_plugins(&[(guest, plumb_guests::component(guest))]);
        let path = plumb.write("a.tfstate", things());
        let flags = if guest.contains("flood") { vec!["--timeout", "5s"] } else { vec![] };
        let mut arguments = vec!["scan", guest, path.to_str().unwrap(), "-o", "json"];
        arguments.extend(flags);
        let run = plumb.run(&arguments);
        assert!(!run.stderr.contains("panicked"), "{guest}: {}", run.stderr);
        assert!(!run.stdout.contains("root:x:0"), "{guest} read a file it was not given");
        assert!(matches!(run.code, 1..=4), "{guest}: {} {}", run.code, run.stderr);
    }
}

#[test]
fn a_provider_that_lies_of_sources_fails_its_task_and_is_told_why() {
    for (guest, reason) in [
        ("provider_recall_flood", "10001 sources in one call; 10000 is the bound"),
        ("provider_wrong_source", "no source 1 was asked for last"),
    ] {
        let plumb = Plumb::with_plugins(&[(guest, plumb_guests::component(guest))]);
        let path = plumb.write("a.tfstate", things());
        let run = plumb.run(&["scan", guest, path.to_str().unwrap(), "-o", "json"]).expect(4);
        assert!(run.stdout.contains(reason), "{guest}: {} {}", run.stdout, run.stderr);
    }
}
