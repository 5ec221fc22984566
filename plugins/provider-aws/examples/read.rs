//! Reads an emulator as the plugin reads AWS: `cargo run -p provider-aws --example read -- PORT [--record FILE] [KIND…]`.
//! Resources go to standard output, one JSON line each; gaps to standard error.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::format_push_string, unreachable_pub)]
#![allow(missing_debug_implementations, reason = "it is a program to try things with")]

use std::io::{Write, stdout};

use plumbline::provider::{Collected, Inventory, KindGap, Target, write_document};
use plumbline::serde_json::{Value as Json, json, to_string_pretty};

#[path = "../tests/it/emulator.rs"]
mod emulator;

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let port = args.remove(0).parse().unwrap();
    let record = (args.first().is_some_and(|arg| arg == "--record")).then(|| {
        args.remove(0);
        args.remove(0)
    });
    let client = emulator::Emulator::new(port);
    let target = Target {
        name: "emulator".to_owned(),
        settings: write_document(&json!({})),
        regions: vec!["us-east-1".to_owned(), "eu-west-1".to_owned()],
        services: Vec::new(),
        kinds: args,
        scan_time: "2026-01-01T23:59:59Z".to_owned(),
    };
    let mut collected = Collected::default();
    for task in provider_aws::planning::plan(&client, &target).unwrap() {
        if let Err(error) = provider_aws::collect::collect(&client, &target, &task, &mut collected) {
            collected.report_gap(KindGap { reason: format!("{}: {error:?}", task.id), ..KindGap::default() });
        }
    }
    for found in &collected.resources {
        let gaps: Vec<Json> = found.gaps.iter().map(|gap| json!([gap.path, gap.reason, gap.permission])).collect();
        let line = json!({
            "id": found.id, "kind": found.kind, "name": found.name, "account": found.account, "region": found.region,
            "tags": found.tags, "config": found.config, "gaps": gaps,
        });
        writeln!(stdout(), "{line}").unwrap();
    }
    for gap in &collected.gaps {
        eprintln!("gap: {gap:?}");
    }
    if let Some(file) = record {
        let log = client.log.lock().unwrap();
        std::fs::write(file, to_string_pretty(&*log).unwrap()).unwrap();
    }
}
