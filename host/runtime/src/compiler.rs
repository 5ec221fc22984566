//! Compiling in a process of its own. Nothing bounds what compiling a small component can take: half a megabyte of nested loops over
//! many locals takes gigabytes and hours. A thread cannot be stopped; a process is killed, and has a bound on its memory.
//!
//! The parent writes the component's length (8 bytes, little endian) and the component to the child's standard input, and reads
//! the code from its standard output. It keeps the input open while it wants the code: the child ends when that closes.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use wasmtime::{Engine, InstanceAllocationStrategy};

use crate::code::Code;
use crate::engine::config;
use crate::error::LoadError;
use crate::limits::{CODE_BYTES, COMPILE_MEMORY, COMPILE_TIME, COMPONENT_BYTES, TEXT_BYTES};

/// How this program is started as a compiler: what then runs [`serve`].
#[derive(Clone, Debug)]
pub struct Compiler {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
}

impl Compiler {
    /// Blocks until the code is there, the child has failed or the time is up.
    pub(crate) fn compile(&self, component: &[u8]) -> Result<Code, LoadError> {
        // It needs nothing of the environment, where secrets may be.
        let child = Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|error| LoadError::Io(self.program.clone(), error))?;
        let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let child = &Mutex::new(child);
        let (done, wait) = channel::<()>();
        let (code, said, in_time) = thread::scope(|scope| {
            let watch = scope.spawn(move || {
                let in_time = wait.recv_timeout(COMPILE_TIME) != Err(RecvTimeoutError::Timeout);
                if !in_time {
                    // One that has just ended cannot be killed, and need not.
                    drop(lock(child).kill());
                }
                in_time
            });
            let said = scope.spawn(|| errors.map(|errors| read(errors, TEXT_BYTES as u64)));
            // A child that is gone takes no more; why it went is read from it.
            let input = scope.spawn(|| {
                let mut input = input?;
                let length = u64::try_from(component.len()).unwrap_or(u64::MAX).to_le_bytes();
                drop(input.write_all(&length).and_then(|()| input.write_all(component)).and_then(|()| input.flush()));
                Some(input)
            });
            let code = output.map(|output| read(output, CODE_BYTES)).unwrap_or_default();
            let _open = input.join();
            drop(done);
            (code, said.join().ok().flatten().unwrap_or_default(), watch.join().unwrap_or(true))
        });
        let ended = lock(child).wait().map_err(|error| LoadError::Io(self.program.clone(), error))?;
        match (ended.success(), in_time) {
            (true, _) => Ok(Code::vouched_for(code)),
            (false, false) => Err(LoadError::CompileTime),
            (false, true) => Err(failed(ended, &said)),
        }
    }
}

fn lock(child: &Mutex<Child>) -> std::sync::MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As much as there is, up to a bound.
fn read(from: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What could not be read shows in the child's end.
    drop(from.take(most).read_to_end(&mut bytes));
    bytes
}

fn failed(ended: ExitStatus, said: &[u8]) -> LoadError {
    // Rust's own words where memory runs out; no other end of the child says them.
    let said = String::from_utf8_lossy(said);
    if said.contains("memory allocation of") {
        return LoadError::CompileMemory;
    }
    let said = crate::output::line(said.trim().trim_start_matches("error: "));
    LoadError::Compile(if said.is_empty() { format!("the compiler ended with {ended}") } else { said })
}

/// What the child does: compiles the component that it is given, and nothing else. An error is for standard error.
pub fn serve(mut input: impl Read + Send + 'static, mut output: impl Write) -> Result<(), String> {
    let broken = |error: io::Error| format!("the component did not arrive: {error}");
    // Linux counts private memory that can be written to; elsewhere it is a wish.
    rlimit::setrlimit(rlimit::Resource::DATA, COMPILE_MEMORY, COMPILE_MEMORY).map_err(|error| error.to_string())?;
    let mut length = [0; 8];
    input.read_exact(&mut length).map_err(broken)?;
    let length = usize::try_from(u64::from_le_bytes(length)).ok().filter(|length| *length <= COMPONENT_BYTES);
    let mut component = vec![0; length.ok_or("the component is too large")?];
    input.read_exact(&mut component).map_err(broken)?;
    thread::spawn(move || {
        // Whatever comes is read away: only the end counts.
        drop(io::copy(&mut input, &mut io::sink()));
        std::process::exit(1);
    });
    let engine = Engine::new(&config(InstanceAllocationStrategy::OnDemand)).map_err(|error| error.to_string())?;
    let code = engine.precompile_component(&component).map_err(|error| format!("{error:#}"))?;
    output.write_all(&code).and_then(|()| output.flush()).map_err(|error| error.to_string())
}
