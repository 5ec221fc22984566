//! Credentials that a program on this machine prints.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use super::{Credentials, Document};

/// How long the program may take: some ask a token device.
const PROCESS_TIME: Duration = Duration::from_secs(60);
/// Bytes it may print.
const PROCESS_BYTES: u64 = 64 << 10;

/// Runs the program of `credential_process`. It is split into words as a shell would, and no shell runs it.
pub(super) async fn process(line: &str) -> Result<Credentials, String> {
    let words = words(line)?;
    let (program, arguments) = words.split_first().ok_or("credential_process is empty")?;
    let failed = |problem: String| format!("credential_process {program}: {problem}");
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let mut printed = Vec::new();
    let stdout = child.stdout.take();
    let ended = tokio::time::timeout(PROCESS_TIME, async {
        if let Some(stdout) = stdout {
            stdout.take(PROCESS_BYTES).read_to_end(&mut printed).await?;
        }
        child.wait().await
    });
    let status = ended.await.map_err(|_| failed(format!("it ran longer than {} s", PROCESS_TIME.as_secs())))?;
    let status = status.map_err(|error| failed(error.to_string()))?;
    if !status.success() {
        return Err(failed(format!("it ended with {status}")));
    }
    Document::read(&printed).map_err(failed)
}

/// Words with quotes and backslashes, as a shell splits them.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', None | Some('"')) => {
                let next = characters.next().ok_or("credential_process ends with a backslash")?;
                word.get_or_insert_default().push(next);
            }
            (sign, Some(open)) if sign == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (space, None) if space.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    if quote.is_some() {
        return Err("credential_process has a quote without its end".to_owned());
    }
    words.extend(word);
    Ok(words)
}
