//! Every bound on a plugin: its size, the reason for that size, and the words that say it was reached. A misbehaving guest in
//! `tests/guests` trips each.

use std::fmt;
use std::time::Duration;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// A component larger than this is not read. CPython as a component has 19 MB; nothing useful has more than twice that.
pub const COMPONENT_BYTES: usize = 48 * MIB;
/// Functions in all core modules of a component. CPython has some 20,000; a million take minutes to compile.
pub const COMPONENT_FUNCTIONS: usize = 100_000;
/// How long compiling one component may keep its caller waiting. The largest known one takes 10 s of processor time.
pub const COMPILE_TIME: Duration = Duration::from_mins(2);
/// Components compiled at the same time: each takes up to 400 MB while it compiles.
pub const COMPILE_PERMITS: usize = 2;
/// Bytes that the process which compiles one component may hold. CPython takes 400 MB on two cores; each core adds some.
pub const COMPILE_MEMORY: u64 = 2 << 30;
/// Bytes of compiled code: that of the largest component that is accepted comes to about three times its size.
pub const CODE_BYTES: u64 = 256 << 20;
/// A manifest larger than this is not parsed.
pub const MANIFEST_BYTES: usize = 64 * KIB;

/// All linear memories of one instance together. A batch is about half a megabyte, CPython needs 13 MB.
pub const MEMORY: usize = 64 * MIB;
/// The most a manifest may ask for instead. The whole program is to stay under 512 MiB beside one such instance.
pub const MEMORY_CEILING: usize = 384 * MIB;
/// Elements of each table. StarlingMonkey, the largest known, has 9,400.
pub const TABLE_ELEMENTS: usize = 20_000;
/// Memories, tables and core instances in one component instance; componentize-py links one core instance for each library.
pub const MEMORIES: usize = 8;
pub const TABLES: usize = 32;
pub const CORE_INSTANCES: usize = 128;
/// The guest's own stack.
pub const WASM_STACK: usize = 512 * KIB;
/// The fiber's stack: the guest's and, above it, room for the host's functions.
pub const FIBER_STACK: usize = 2 * MIB;

/// How often a running guest looks up whether its time is over, and lets others run.
pub const TICK: Duration = Duration::from_millis(10);
/// One call of a check or framework. A batch takes a millisecond compiled and a tenth of a second interpreted.
pub const CALL_TIME: Duration = Duration::from_secs(10);
/// One call of a provider: it reads whole files or walks a service of an account. Waiting for the host does not count.
pub const COLLECT_TIME: Duration = Duration::from_mins(5);
/// The most a manifest may ask for instead.
pub const CALL_TIME_CEILING: Duration = Duration::from_hours(1);

/// Bytes that all values of one call across the boundary may take in the host.
pub const OUTPUT_BYTES: usize = 32 * MIB;
/// Calls of host functions in one call of a check or framework.
pub const HOST_CALLS: u64 = 20_000;
/// The same for a provider, which reads files in pieces and emits pages.
pub const PROVIDER_HOST_CALLS: u64 = 1_000_000;
/// Bytes of one `files.read`.
pub const FILE_READ: u64 = 4 << 20;
/// Requests that one call of a provider may send before it has found anything, as many again for what it does not emit.
pub const HTTP_CALLS: u64 = 50_000;
/// Requests that each emitted resource allows beside: a bucket takes twelve, no other kind more than six. So a kind of which there
/// are very many can be read whole, and a guest that only asks comes to its end as soon as before.
pub const HTTP_CALLS_PER_RESOURCE: u64 = 20;
/// All of them together, whatever was emitted. A quarter of a million buckets take as many.
pub const HTTP_CALLS_CEILING: u64 = 4_000_000;
/// Requests that go to the host together.
pub const HTTP_REQUESTS_AT_ONCE: usize = 1000;
/// Bytes of all answers that one call of a provider may receive before it has found anything.
pub const HTTP_BYTES: u64 = 1 << 30;
/// Bytes that each emitted resource allows beside: a policy has at most 20 KiB, and the other answers on a bucket or a role with the
/// longest of documents stay under five times that. So a kind of which there are very many can be read whole.
pub const HTTP_BYTES_PER_RESOURCE: u64 = 128 << 10;
/// All of them together, whatever was emitted: what a quarter of a million such resources take.
pub const HTTP_BYTES_CEILING: u64 = 32 << 30;
/// Bytes of all answers to requests that went to the host together, or that wait to be taken: they are held at once, by the host and then by the guest. Two
/// hundred policies of the largest size take a tenth.
pub const HTTP_ROUND_BYTES: u64 = 64 << 20;
/// Answers that a plugin takes together, and their bytes: what it works through while the next ones come.
pub const HTTP_ANSWERS: usize = 64;
pub const HTTP_ANSWERS_BYTES: u64 = 1 << 20;
/// Bytes of one answer. The largest page of a read call known stays under 5 MB.
pub const HTTP_RESPONSE: u64 = 16 << 20;
/// Bytes of a request's body, of its headers, of its URL: read calls are short.
pub const HTTP_BODY: usize = MIB;
pub const HTTP_HEADERS: usize = 16 * KIB;
pub const URL_BYTES: usize = 8 * KIB;
/// Host patterns of one manifest, and bytes of each.
pub const HTTP_HOSTS: usize = 100;
pub const HTTP_HOST_BYTES: usize = 253;
/// Actions that write in one manifest, and bytes of each: AWS has some 10,000, the longest of 70 bytes.
pub const WRITES: usize = 500;
pub const WRITE_BYTES: usize = 128;
/// Steps that mend one violation, and bytes of the body of each: people read them before they are sent.
pub const STEPS: usize = 10;
pub const STEP_BODY: usize = 16 * KIB;
/// Bytes of one emitted page.
pub const PAGE_BYTES: usize = 16 * MIB;
/// Sources that a provider may ask for in one call; their bytes are bounded by [`OUTPUT_BYTES`].
pub const SOURCES: usize = 10_000;
/// Bytes of one resource. Terraform's largest known attribute, an inline Lambda package, stays under 50 MB unpacked; a
/// configuration does not come near.
pub const RESOURCE_BYTES: usize = 4 * MIB;
/// Nesting of a document.
pub const DOCUMENT_DEPTH: usize = 64;
/// Bytes of an id; an ARN has at most 2,048.
pub const ID_BYTES: usize = 4096;
/// Bytes kept of a message, a title or another text that people read.
pub const TEXT_BYTES: usize = 16 * KIB;
/// Gaps of one resource.
pub const GAPS: usize = 4096;
/// Gaps that one task may report.
pub const REPORTED_GAPS: usize = 10_000;
/// Bytes kept of a log line.
pub const LOG_LINE: usize = 4 * KIB;
/// Log lines kept of one call; the others are counted.
pub const LOG_LINES: u64 = 1000;
/// Checks of one plugin, controls of one framework, frameworks of one plugin, tasks of one plan, rows of an account check.
pub const CHECKS: usize = 10_000;
pub const CONTROLS: usize = 20_000;
pub const FRAMEWORKS: usize = 100;
pub const TASKS: usize = 100_000;
pub const ACCOUNT_OUTCOMES: usize = 100_000;
/// What a provider says of attributes. AWS, Azure and Google together have some thousand kinds worth a dozen each.
pub const HINTS: usize = 50_000;
/// Rights that a provider names over all its kinds: some hundred kinds of a dozen calls each, many times over.
pub const PERMISSIONS: usize = 10_000;
/// Host resources (snapshot cursors) alive in one instance.
pub const HANDLES: usize = 256;

/// Bytes of chance at once, and of one write, for a guest with WASI: the host holds them.
pub const WASI_RANDOM: u64 = 64 << 10;
pub const WASI_WRITE: usize = 64 * KIB;
/// Bytes kept of the end of what it wrote to standard error: a traceback.
pub const WASI_SAID: usize = 2 * KIB;

/// Provider calls at the same time. Those that read a live account mostly wait, most of them for lists that are empty.
pub const PROVIDER_CALLS: usize = 64;
/// Linear memory of all provider calls together beyond which no further one begins: with what those hold that run already, the whole
/// program is to stay under 512 MiB.
pub const PROVIDERS_MEMORY: usize = 192 * MIB;
/// Calls of checks and frameworks at the same time, beside those of providers, so that neither waits for the other.
pub const CHECK_CALLS: usize = 32;

/// A bound that a plugin reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    Time(Duration),
    Memory(usize),
    Table,
    Stack,
    Output,
    HostCalls(u64),
    Handles,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Time(limit) => write!(f, "it ran longer than {} s", limit.as_secs()),
            Limit::Memory(limit) => write!(f, "it asked for more than {} MiB of memory", limit / MIB),
            Limit::Table => write!(f, "it asked for a table of more than {TABLE_ELEMENTS} elements"),
            Limit::Stack => write!(f, "it used up its stack of {} KiB", WASM_STACK / KIB),
            Limit::Output => write!(f, "it handed over more than {} MiB in one call", OUTPUT_BYTES / MIB),
            Limit::HostCalls(limit) => write!(f, "it called the host more than {limit} times in one call"),
            Limit::Handles => write!(f, "it held more than {HANDLES} host resources at once"),
        }
    }
}

/// The bounds of one plugin's calls: the defaults, or what its manifest asks for up to the ceilings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub memory: usize,
    pub call: Duration,
    pub collect: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { memory: MEMORY, call: CALL_TIME, collect: COLLECT_TIME }
    }
}
