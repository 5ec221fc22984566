//! A scan at work: a bar on a terminal, plain lines elsewhere, and the log.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plumb_engine::event::{Event, Watcher};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::arguments::access::LogForm;
use crate::print::plain;

/// Starts the log on standard error: errors; with `-v`, or where a form was asked for, what the program does, with `-vv` the plugins' own words too.
pub(crate) fn start_log(verbose: u8, form: Option<LogForm>) {
    let (level, plugins) = match verbose.max(form.is_some().into()) {
        0 => (LevelFilter::ERROR, LevelFilter::OFF),
        1 => (LevelFilter::INFO, LevelFilter::WARN),
        _ => (LevelFilter::DEBUG, LevelFilter::TRACE),
    };
    let wanted = Targets::new()
        .with_default(LevelFilter::ERROR)
        .with_target("plumb", level)
        .with_target("plumb::plugin", plugins);
    let wanted = ["plumb_runtime", "plumb_engine", "plumb_server", "plumb_store"]
        .iter()
        .fold(wanted, |wanted, name| wanted.with_target(*name, level));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(wanted);
    match form {
        // Whoever collects these lines needs to know when; a terminal shows what happens now.
        Some(LogForm::Json) => registry.with(lines.json().flatten_event(true)).init(),
        Some(LogForm::Text) => registry.with(lines.with_ansi(std::io::stderr().is_terminal())).init(),
        None => registry.with(lines.without_time()).init(),
    }
}

/// What is shown of a scan.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// On a terminal a bar; elsewhere only what goes wrong, as lines.
    pub(crate) fn start(hidden: bool) -> (Progress, Watcher) {
        let shown = !hidden && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        let style = ProgressStyle::with_template("{spinner} {msg}  {pos} resources  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message("planning");
        if shown {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        let shown_bar = bar.clone();
        let counts = std::sync::Mutex::new((0usize, 0usize));
        let watcher = Watcher::new(move |event| {
            let Ok(mut counts) = counts.lock() else { return };
            match event {
                Event::Planned { tasks } => counts.1 = tasks,
                Event::Resumed { tasks, resources, .. } => {
                    counts.0 += tasks;
                    shown_bar.inc(resources);
                }
                Event::TaskStarted { .. } => {}
                Event::Evaluated { resources, .. } => shown_bar.inc(resources),
                Event::TaskDone { .. } => counts.0 += 1,
                Event::TaskFailed { task, reason } => {
                    counts.0 += 1;
                    shown_bar.suspend(|| eprintln!("not scanned: {}: {}", plain(&task), plain(&reason)));
                }
                Event::PluginQuarantined { plugin, reason } => {
                    shown_bar.suspend(|| eprintln!("plugin {}: {}", plain(&plugin), plain(&reason)));
                }
            }
            let (done, all) = (counts.0.min(counts.1), counts.1);
            shown_bar.set_message(format!("scanning, {done} of {all} tasks done"));
        });
        (Progress { bar }, watcher)
    }

    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
