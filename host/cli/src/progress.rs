//! A scan at work: a bar on a terminal, plain lines elsewhere, and the log.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
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
    let wanted = ["plumb_egress", "plumb_runtime", "plumb_engine", "plumb_server", "plumb_store"]
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

/// Tasks that have a line of their own: a small terminal has 24 rows.
const LINES: usize = 8;

/// What is shown of a scan.
pub(crate) struct Progress {
    bars: MultiProgress,
    bar: ProgressBar,
}

/// What has been told so far.
#[derive(Default)]
struct Told {
    done: usize,
    all: usize,
    /// Of tasks that are being read, by id: account, region and service.
    lines: HashMap<String, ProgressBar>,
}

impl Progress {
    /// On a terminal a bar, and of a live account a line beneath it for each account, region and service that is being read;
    /// elsewhere a line for each that has been read, of files only for what goes wrong.
    pub(crate) fn start(hidden: bool, is_live: bool) -> (Progress, Watcher) {
        let shown = !hidden && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bars = MultiProgress::with_draw_target(target);
        let bar = bars.add(ProgressBar::new_spinner());
        bar.set_style(style("{spinner} {msg}  {pos} resources  {elapsed}"));
        bar.set_message("planning");
        if shown {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        let plain_lines = is_live && !hidden && !shown;
        let told = Mutex::new(Told::default());
        let progress = Progress { bars: bars.clone(), bar: bar.clone() };
        let watcher = Watcher::new(move |event| {
            let Ok(mut told) = told.lock() else { return };
            match event {
                Event::Planned { tasks } => told.all = tasks,
                Event::Resumed { tasks, resources, .. } => {
                    told.done += tasks;
                    bar.inc(resources);
                }
                Event::TaskStarted { task } => {
                    if is_live && shown && told.lines.len() < LINES {
                        let line = bars.add(ProgressBar::new_spinner());
                        line.set_style(style("  {msg}  {elapsed}"));
                        line.set_message(plain(&task));
                        line.enable_steady_tick(Duration::from_secs(1));
                        told.lines.insert(task, line);
                    }
                }
                Event::Evaluated { resources, .. } => bar.inc(resources),
                Event::TaskDone { task } => {
                    told.end(&bars, &task);
                    if plain_lines {
                        eprintln!("read: {} ({} of {})", plain(&task), told.done.min(told.all), told.all);
                    }
                }
                Event::TaskFailed { task, reason } => {
                    told.end(&bars, &task);
                    bars.suspend(|| eprintln!("not scanned: {}: {}", plain(&task), plain(&reason)));
                }
                Event::PluginQuarantined { plugin, reason } => {
                    bars.suspend(|| eprintln!("plugin {}: {}", plain(&plugin), plain(&reason)));
                }
            }
            bar.set_message(format!("scanning, {} of {} tasks done", told.done.min(told.all), told.all));
        });
        (progress, watcher)
    }

    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
        // A scan that was stopped leaves tasks that nobody ended.
        if let Err(error) = self.bars.clear() {
            tracing::debug!(%error, "the terminal could not be cleared");
        }
    }
}

impl Told {
    fn end(&mut self, bars: &MultiProgress, task: &str) {
        self.done += 1;
        if let Some(line) = self.lines.remove(task) {
            line.finish_and_clear();
            bars.remove(&line);
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
