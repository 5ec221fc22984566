//! Guests written as text: `wat/checks.wat` with one thing changed.

use plumbline_build::{componentize, contract};

use crate::manifest;

const BASE: &str = include_str!("../wat/checks.wat");

/// What is put where: the name of a place, and code.
type Change = (&'static str, &'static str);

/// Loops until somebody stops it.
const FOREVER: &str = "(loop $forever (br $forever))";

pub(crate) const BEHAVIOURS: [(&str, &[Change]); 21] = [
    // Time.
    ("loop_in_start", &[("FIELDS", "(func $start (loop $forever (br $forever))) (start $start)")]),
    ("loop_in_realloc", &[("REALLOC", FOREVER)]),
    ("loop_in_export", &[("EVALUATE", FOREVER)]),
    ("loop_in_account", &[("ACCOUNT", FOREVER)]),
    ("loop_in_post_return", &[("AFTERWARDS", FOREVER)]),
    // Space: each asks until it is refused, and gives up then.
    (
        "memory_bomb",
        &[("EVALUATE", "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable")],
    ),
    ("memory_at_start", &[("MEMORY", "30000")]),
    (
        "table_bomb",
        &[
            ("FIELDS", "(table $table 1 funcref)"),
            (
                "EVALUATE",
                "(loop $more (br_if $more
                   (i32.ne (table.grow $table (ref.null func) (i32.const 1000)) (i32.const -1)))) unreachable",
            ),
        ],
    ),
    ("table_at_start", &[("FIELDS", "(table $table 10000000 funcref)")]),
    ("stack_bomb", &[("EVALUATE", "(drop (call $again))")]),
    // Calls of the host.
    (
        "host_call_flood",
        &[("EVALUATE", "(loop $more (call $log (i32.const 2) (i32.const 0) (i32.const 0)) (br $more))")],
    ),
    (
        "log_flood",
        &[("EVALUATE", "(loop $more (call $log (i32.const 2) (i32.const 262144) (i32.const 65536)) (br $more))")],
    ),
    ("handle_flood", &[("ACCOUNT", "(loop $more (drop (call $open (i32.const 1056) (i32.const 11))) (br $more))")]),
    // Output. 2,500,000 outcomes of zeros, 20 bytes each.
    (
        "huge_output",
        &[
            ("MEMORY", "800"),
            ("EVALUATE", "(i32.store (i32.const 20) (i32.const 65536)) (i32.store (i32.const 24) (i32.const 2500000))"),
        ],
    ),
    // 4096 outcomes in little memory, all with the same message of a megabyte.
    (
        "amplified_output",
        &[(
            "EVALUATE",
            "(local.set $at (i32.const 65536))
             (loop $more
               (i32.store8 offset=8 (local.get $at) (i32.const 1))
               (i32.store offset=12 (local.get $at) (i32.const 262144))
               (i32.store offset=16 (local.get $at) (i32.const 1048576))
               (local.set $at (i32.add (local.get $at) (i32.const 20)))
               (br_if $more (i32.lt_u (local.get $at) (i32.const 147456))))
             (i32.store (i32.const 20) (i32.const 65536)) (i32.store (i32.const 24) (i32.const 4096))",
        )],
    ),
    // A list that would end far outside of memory.
    ("output_out_of_bounds", &[("EVALUATE", "(i32.store (i32.const 24) (i32.const 67108864))")]),
    // The verdict has a number that stands for nothing.
    ("output_ill_formed", &[("EVALUATE", "(i32.store8 (i32.const 72) (i32.const 99))")]),
    // A failure whose message, the two bytes at 8192, is no UTF-8.
    (
        "output_not_utf8",
        &[(
            "EVALUATE",
            "(i32.store16 (i32.const 8192) (i32.const 0x28c3)) (i32.store8 (i32.const 72) (i32.const 1))
             (i32.store (i32.const 76) (i32.const 8192)) (i32.store (i32.const 80) (i32.const 2))",
        )],
    ),
    ("trap", &[("EVALUATE", "unreachable")]),
    // Verdicts about what was never asked.
    (
        "lying_indices",
        &[("EVALUATE", "(i32.store (i32.const 64) (i32.const 99)) (i32.store (i32.const 68) (i32.const 4294967295))")],
    ),
    ("silent", &[("EVALUATE", "(i32.store (i32.const 24) (i32.const 0))")]),
];

pub(crate) fn component(name: &str) -> Option<Vec<u8>> {
    let (_, changes) = BEHAVIOURS.iter().find(|(behaviour, _)| *behaviour == name)?;
    let core = contract::embed(&core(changes), "checks-plugin").expect("the text keeps the contract");
    Some(componentize(&core, &manifest(name, "checks")).expect("the text keeps the contract"))
}

/// The base with these changes, as a core module.
pub(crate) fn core(changes: &[Change]) -> Vec<u8> {
    let mut text = BASE.to_owned();
    for (place, code) in changes {
        let place = format!("(;{place};)");
        assert_eq!(text.matches(&place).count(), 1, "{place}");
        text = text.replace(&place, code);
    }
    // 2 MiB, enough for a batch and what is returned.
    wat::parse_str(text.replace("(;MEMORY;)", "32")).expect("well-formed text")
}
