//! Reads an emulator of AWS as the plugin reads AWS: `cargo run -p provider-aws --example read_emulator -- PORT [--record DIR]`.
//! Resources go to standard output, one JSON line each; gaps to standard error. With `--record` what each service was asked and
//! what it answered goes to a file of DIR: the fixtures of the tests.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, unreachable_pub)]
#![allow(missing_debug_implementations, dead_code, reason = "it is a program to try things with")]

use std::io::{Write, stdout};
use std::path::Path;

use plumbline::provider::{Collected, Inventory, KindGap, Target, write_document};
use plumbline::serde_json::{Value as Json, json, to_string_pretty};
use provider_aws::services::SERVICES;

#[path = "../tests/it/emulator.rs"]
mod emulator;
#[path = "../tests/it/told.rs"]
mod told;

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let port: u16 = args[0].parse().unwrap();
    for service in SERVICES {
        let client = emulator::Emulator::new(port);
        let target = Target {
            name: "emulator".to_owned(),
            settings: write_document(&json!({})),
            regions: vec!["eu-west-1".to_owned()],
            services: vec![service.name.to_owned()],
            kinds: Vec::new(),
            scan_time: "2026-01-01T23:59:59Z".to_owned(),
        };
        let mut collected = Collected::default();
        for task in provider_aws::planning::plan(&client, &target).unwrap() {
            if let Err(error) = provider_aws::collect::collect(&client, &target, &task, &mut collected) {
                collected.report_gap(KindGap { reason: format!("{}: {error:?}", task.id), ..KindGap::default() });
            }
        }
        for found in &collected.resources {
            writeln!(stdout(), "{}", told::resource(found))?;
        }
        for gap in &collected.gaps {
            eprintln!("gap: {gap:?}");
        }
        if args.get(1).is_some_and(|flag| flag == "--record") {
            let mut log: Vec<Json> = Vec::new();
            for exchange in client.log.lock().unwrap().iter() {
                if !log.contains(exchange) {
                    log.push(exchange.clone());
                }
            }
            let file = Path::new(&args[2]).join(format!("{}.json", service.name));
            std::fs::write(file, to_string_pretty(&log).unwrap() + "\n").unwrap();
        }
    }
    Ok(())
}
