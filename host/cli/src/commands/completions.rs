//! `plumb completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::exit::Exit;

#[allow(clippy::unnecessary_wraps, reason = "every command answers in the same form")]
pub(crate) fn run(shell: Shell) -> anyhow::Result<Exit> {
    clap_complete::generate(shell, &mut Arguments::command(), "plumb", &mut std::io::stdout().lock());
    Ok(Exit::Success)
}
