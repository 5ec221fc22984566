//! A plugin that its toolchain built as usual, on WASI: what it finds around it, and who decides whether it may run.

use std::collections::BTreeMap;

use plumb_runtime::grant::Operator;
use plumb_runtime::manifest::Capability;
use plumb_runtime::{Context, Failure, Plugin, Runtime, Settings, Stance, batch};
use serde_json::json;

use crate::harness::{Plumb, cache};

const TIME: &str = "2026-11-21T12:00:00Z";

async fn load() -> Plugin {
    let plugins = BTreeMap::from([("wasi-python".to_owned(), [Capability::Wasi].into())]);
    let operator = Operator { plugins, ..Operator::default() };
    let settings = Settings { cache: Some(cache().join("runtime")), operator, ..Settings::default() };
    Runtime::new(settings).unwrap().load(plumb_guests::in_another_language("wasi")).await.unwrap()
}

/// What it says when asked for some of its checks, in one call.
async fn ask(plugin: &Plugin, checks: &[&str]) -> Result<Vec<String>, Failure> {
    let bucket = json!({"id": "a", "kind": "aws_s3_bucket", "config": {}});
    let intake = batch::resource(rmp_serde::to_vec(&bucket).unwrap()).unwrap();
    let context = Context { account: String::new(), scan_time: TIME.to_owned() };
    let checks: Vec<String> = checks.iter().map(|check| (*check).to_owned()).collect();
    let outcomes = plugin.evaluate(&context, &checks, &[&intake.bytes]).await.map_err(|error| error.failure)?;
    let said = outcomes.into_iter().map(|outcome| match outcome.stance {
        Stance::Fail(message) => message,
        other => panic!("{other:?}"),
    });
    Ok(said.collect())
}

#[test]
fn a_guest_with_wasi_finds_no_files_no_network_and_the_scans_clock_and_is_told_the_same_each_time() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let plugin = load().await;
        let expected = [
            ("clock", TIME),
            ("sleep", "3600 s, from 2026-11-21T12:00:00Z to 2026-11-21T13:00:00Z"),
            ("environment", "{}"),
            ("arguments", "[]"),
            ("input", "''"),
            ("read", "refused: FileNotFoundError"),
            ("list", "refused: FileNotFoundError"),
            ("write", "refused: FileNotFoundError"),
            ("connect", "refused: PermissionError"),
            ("listen", "refused: PermissionError"),
            ("datagram", "refused: PermissionError"),
            ("resolve", "refused: gaierror"),
            ("fetch", "refused: URLError"),
        ];
        let (probes, expected): (Vec<&str>, Vec<&str>) = expected.into_iter().unzip();
        let said = ask(&plugin, &probes).await.unwrap();
        assert_eq!(said, expected);
        let drawn = ask(&plugin, &["chance", "clock", "chance"]).await.unwrap();
        assert_eq!(ask(&plugin, &["chance", "clock", "chance"]).await, Ok(drawn));
    });
}

#[test]
fn a_guest_with_wasi_that_breaks_ends_or_floods_is_stopped_and_its_last_words_are_told() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let plugin = load().await;
        for (way, words) in [("crash", "RuntimeError: no such region"), ("exit", "good bye")] {
            let failure = ask(&plugin, &["clock", way]).await.unwrap_err();
            assert!(matches!(&failure, Failure::Trap(message) if message.contains(words)), "{way}: {failure}");
        }
        let failure = ask(&plugin, &["flood"]).await.unwrap_err();
        assert!(matches!(failure, Failure::Limit(_)), "{failure}");
    });
}

#[test]
fn a_guest_with_wasi_runs_only_where_it_was_granted_that() {
    let plumb = Plumb::new();
    plumb.write("plugins/wasi.wasm", plumb_guests::in_another_language("wasi"));
    let folder = plumb.path("plugins");
    let list = |more: &[&str]| {
        let mut arguments = vec!["plugin", "list", "--plugins", folder.to_str().unwrap()];
        arguments.extend(more);
        plumb.run(&arguments)
    };
    let refused = list(&[]).stderr;
    assert!(refused.contains("--grant wasi-python=wasi"), "{refused}");
    let granted = list(&["--grant", "wasi-python=wasi"]).expect(0);
    assert!(granted.stdout.contains("wasi-python"), "{}", granted.stdout);
}
