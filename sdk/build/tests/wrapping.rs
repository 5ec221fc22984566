//! Core modules become components that carry their manifest and import nothing of WASI.
#![allow(clippy::unwrap_used, reason = "a test")]

use plumbline_build::{BuildError, attach_manifest, componentize, contract, imports, manifest_of, wrap_with_adapter};

const FRAMEWORK: &str = "id = \"acme\"\nversion = \"1.0.0\"\nexports = [\"framework\"]\n[capabilities]\nlog = true\n";

/// A framework without content, which makes these system calls.
fn core(wasi: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
          {wasi}
          (import "plumbline:plugin/log@0.1.0" "write" (func $log (param i32 i32 i32)))
          (memory (export "memory") 1)
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
          (func (export "plumbline:plugin/framework@0.1.0#describe") (result i32) i32.const 0)
          (func (export "plumbline:plugin/framework@0.1.0#controls") (param i32 i32) (result i32)
            (call $log (i32.const 0) (i32.const 0) (i32.const 0)) i32.const 0))"#
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn a_module_with_the_contract_s_types_becomes_a_component_with_its_manifest() {
    let core = contract::embed(&core(""), "framework-plugin").unwrap();
    let component = componentize(&core, FRAMEWORK).unwrap();
    assert_eq!(manifest_of(&component).unwrap().as_deref(), Some(FRAMEWORK));
    assert_eq!(imports(&component).unwrap(), ["plumbline:plugin/log@0.1.0"]);
    assert_eq!(component, componentize(&core, FRAMEWORK).unwrap(), "the same input gives the same bytes");
}

#[test]
fn system_calls_are_answered_inside() {
    let calls = r#"
        (import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "poll_oneoff" (func (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
        (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))"#;
    let component = wrap_with_adapter(&core(calls), FRAMEWORK).unwrap();
    assert_eq!(imports(&component).unwrap(), ["plumbline:plugin/log@0.1.0"]);
    let without = contract::embed(&core(calls), "framework-plugin").unwrap();
    let message = componentize(&without, FRAMEWORK).unwrap_err().to_string();
    assert!(message.contains("acme 1.0.0") && message.contains("wasi_snapshot_preview1"), "{message}");
}

#[test]
fn a_manifest_that_disagrees_with_the_component_is_refused() {
    let core = contract::embed(&core(""), "framework-plugin").unwrap();
    let error = componentize(&core, &FRAMEWORK.replace("[\"framework\"]", "[\"checks\"]")).unwrap_err();
    assert!(matches!(&error, BuildError::Exports { found, .. } if found == "framework"), "{error}");
    let component = componentize(&core, FRAMEWORK).unwrap();
    assert!(matches!(attach_manifest(&component, FRAMEWORK), Err(BuildError::HasManifest { .. })));
}

#[test]
fn what_is_no_module_is_named() {
    let core = contract::embed(&core(""), "framework-plugin").unwrap();
    let component = componentize(&core, FRAMEWORK).unwrap();
    assert!(componentize(b"text", FRAMEWORK).unwrap_err().to_string().contains("acme 1.0.0 is no WebAssembly module"));
    assert!(componentize(&component, FRAMEWORK).unwrap_err().to_string().contains("already"));
    assert!(attach_manifest(&core, FRAMEWORK).unwrap_err().to_string().contains("core module"));
    assert!(attach_manifest(b"text", FRAMEWORK).is_err());
}
