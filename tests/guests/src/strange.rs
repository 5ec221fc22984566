//! Bytes that must not load, or not be granted what they import.

use plumbline_build::component::{append_section, encode};
use plumbline_build::contract::{self, Package};
use plumbline_build::{BuildError, componentize};

use crate::{manifest, text};

pub(crate) const NAMES: [&str; 10] = [
    "bad_manifest",
    "compile_bomb",
    "no_manifest",
    "not_a_component",
    "not_wasm",
    "truncated",
    "ungranted_import",
    "unknown_contract",
    "wasi_import",
    "wrong_types",
];

pub(crate) fn component(name: &str) -> Option<Vec<u8>> {
    let manifest = manifest(name, "checks");
    let made = match name {
        "bad_manifest" => {
            bare().map(|component| append_section(&component, "id = \"Bad Id\"\nexports = \"everything\"\n"))
        }
        "compile_bomb" => whole(&compile_bomb(), &[contract::package()], "checks-plugin", &manifest),
        "no_manifest" => bare(),
        "not_a_component" => contract::embed(&good(), "checks-plugin"),
        "not_wasm" => Ok(b"#!/bin/sh\necho plugin\n".to_vec()),
        "truncated" => whole(&good(), &[contract::package()], "checks-plugin", &manifest)
            .map(|bytes| bytes.get(..bytes.len() / 2).unwrap_or_default().to_vec()),
        "ungranted_import" => {
            let send = "(import \"plumbline:plugin/http@0.1.0\" \"send-all\" (func (param i32 i32 i32)))";
            whole(&importing(send), &foreign(), "greedy", &manifest)
        }
        "wasi_import" => {
            let now = "(import \"wasi:clocks/monotonic-clock@0.2.0\" \"now\" (func (result i64)))";
            whole(&importing(now), &foreign(), "with-a-clock", &manifest)
        }
        "unknown_contract" => unknown_contract(&manifest),
        "wrong_types" => {
            let core = wat::parse_str(include_str!("../wat/wrong_types.wat")).expect("well-formed text");
            let wit = package("wrong_types.wit", include_str!("../wat/wrong_types.wit"));
            whole(&core, &[wit], "wrong-types", &manifest)
        }
        _ => return None,
    };
    Some(made.expect("strange, but well-formed"))
}

fn good() -> Vec<u8> {
    text::core(&[])
}

fn importing(import: &'static str) -> Vec<u8> {
    text::core(&[("FIELDS", import)])
}

fn package(name: &str, text: &str) -> Package {
    vec![(name.to_owned(), text.to_owned())]
}

fn foreign() -> [Package; 3] {
    let clocks = package("clocks.wit", include_str!("../wat/clocks.wit"));
    [contract::package(), clocks, package("foreign.wit", include_str!("../wat/foreign.wit"))]
}

/// A contract of which no host knows: the same text under another version.
fn unknown_contract(manifest: &str) -> Result<Vec<u8>, BuildError> {
    let later = contract::package().into_iter().map(|(name, text)| (name, text.replace("@0.1.0", "@0.9.0"))).collect();
    let text = include_str!("../wat/checks.wat").replace("@0.1.0", "@0.9.0").replace("(;MEMORY;)", "32");
    let core = wat::parse_str(text).expect("well-formed text");
    whole(&core, &[later], "checks-plugin", manifest)
}

fn whole(core: &[u8], packages: &[Package], world: &str, manifest: &str) -> Result<Vec<u8>, BuildError> {
    componentize(&contract::embed_from(core, packages, world)?, manifest)
}

/// Half a megabyte that takes hours to compile, and all memory there is: each of 300 nested loops carries 40,000 locals.
fn compile_bomb() -> Vec<u8> {
    const LOCALS: usize = 40_000;
    const LOOPS: usize = 300;
    let open = (0..LOOPS).map(|depth| format!("(loop $l{depth} ")).collect::<Vec<_>>().concat();
    let carry = (0..LOCALS).map(|local| {
        let other = local * 7919 % LOCALS;
        format!("(local.set {local} (i32.add (local.get {local}) (local.get {other})))")
    });
    let close =
        (0..LOOPS).rev().map(|depth| format!("(br_if $l{depth} (local.get {depth})))")).collect::<Vec<_>>().concat();
    let code =
        format!("(func $bomb (local {}){open}{}{close})", "i32 ".repeat(LOCALS), carry.collect::<Vec<_>>().concat());
    let text = include_str!("../wat/checks.wat").replace("(;MEMORY;)", "32").replace("(;FIELDS;)", &code);
    wat::parse_str(text).expect("well-formed text")
}

/// A component without a manifest.
fn bare() -> Result<Vec<u8>, BuildError> {
    encode(&contract::embed(&good(), "checks-plugin")?, "a guest")
}
