//! `plumb scan`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use plumb_engine::clock::SystemClock;
use plumb_engine::request::{Conditions, ScanRequest, Selection, TargetRequest};
use plumb_engine::scan::Engine;
use plumb_model::check::Severity;
use plumb_model::outcome::Finding;
use plumb_model::scan::{Catalogue, Scan, ScanId, ScanStatus, Summary};
use plumb_report::{Findings, Format, Report, ReportError, Style, is_listed};
use plumb_store::{Ledger, StoreError};
use tokio_util::sync::CancellationToken;

use crate::arguments::cloud::Cloud;
use crate::arguments::{Common, Output, Scan as Arguments};
use crate::egress::Source;
use crate::exit::{Exit, usage};
use crate::progress::Progress;
use crate::{context, mutes, print};

/// Columns of a table that goes to a file.
const FILE_WIDTH: u16 = 100;

pub(crate) async fn run(common: &Common, arguments: Arguments) -> anyhow::Result<Exit> {
    check_outputs(&arguments.output)?;
    if arguments.min_coverage.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
        return Err(usage("--min-coverage is a number from 0 to 100"));
    }
    let target = if arguments.resume.is_none() { Some(target(&arguments.target, &arguments.cloud)?) } else { None };
    if target.is_none() && arguments.cloud.accounts.names_target() {
        return Err(usage("a scan that is taken up again has its target; leave out what describes one"));
    }
    let mutes_file = mutes::path(common, arguments.mutes.as_ref())?;
    let selection = Selection {
        frameworks: arguments.framework,
        checks: arguments.check,
        exclude: arguments.exclude_check,
        severity: arguments.severity.map(|severity| severity.as_str().to_owned()),
        regions: arguments.region,
        services: arguments.service,
        ..Selection::default()
    };
    let conditions =
        Conditions { mutes: mutes::read(&mutes_file, arguments.mutes.is_some())?, timeout: arguments.timeout };
    let library = context::library(common).await?;
    let ledger = context::ledger(common)?;
    let source = Source::of(&arguments.cloud)?;
    if let Some(day) = source.replayed_day() {
        eprintln!("{day}");
    }
    let as_of = source.as_of();
    let engine = Engine::new(Arc::clone(&ledger), library, Arc::new(SystemClock)).with_egress(source);
    let cancel = CancellationToken::new();
    let interrupt = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupt.cancel();
        }
    });
    let reads_files = target.as_ref().is_some_and(|target| !target.paths.is_empty());
    let (progress, watcher) = Progress::start(arguments.no_progress, target.is_some() && !reads_files);
    let ran = if let Some(prefix) = &arguments.resume {
        let id = find(&ledger, prefix)?;
        engine.run(id, conditions, cancel, watcher).await.map(|()| id)
    } else {
        let targets = target.into_iter().collect();
        let request = ScanRequest { targets, selection, as_of, ..ScanRequest::default() };
        engine.scan(request, conditions, cancel, watcher).await
    };
    progress.end();
    let id = ran?;
    let stored = Stored::load(&ledger, id)?;
    stored.write(&arguments.output)?;
    // Files need no rights, and there may be a million resources to look through.
    if !reads_files {
        stored.say_what_is_missing()?;
    }
    Ok(stored.exit(arguments.fail_on.0, arguments.min_coverage))
}

/// What is no stored target: `terraform PATH…`, or `aws` and what the options say of it.
fn target(words: &[String], cloud: &Cloud) -> anyhow::Result<TargetRequest> {
    let (provider, paths) =
        words.split_first().map_or((String::new(), [].as_slice()), |(first, rest)| (first.clone(), rest));
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    if !paths.is_empty() && cloud.accounts.names_target() {
        return Err(usage(
            "--profile, --account, --role, --external-id and --organization describe a live account, and no files",
        ));
    }
    Ok(TargetRequest { name: words.join(" "), paths, ..cloud.accounts.target(&provider) })
}

/// Two reports on standard output would run into each other.
fn check_outputs(outputs: &[Output]) -> anyhow::Result<()> {
    let to_stdout = outputs.iter().filter(|output| output.file.is_none()).count();
    if to_stdout > 1 {
        return Err(usage("only one report can go to standard output; give the others a file: -o html=report.html"));
    }
    Ok(())
}

/// A scan by its id, the beginning of it, or `latest`.
pub(crate) fn find(ledger: &Ledger, text: &str) -> anyhow::Result<ScanId> {
    if text == "latest" {
        let newest = ledger.scans(None, 1)?.into_iter().next();
        return newest.map(|head| head.scan.id).ok_or_else(|| usage("the ledger has no scan yet"));
    }
    let found = ledger.find_scans(text).map_err(|error| usage(error.to_string()))?;
    found.ok_or_else(|| usage(format!("no scan's id begins with '{text}'; `plumb history` lists them")))
}

/// A recorded scan with what its reports need.
pub(crate) struct Stored {
    ledger: Arc<Ledger>,
    scan: Scan,
    summary: Summary,
    catalogue: Catalogue,
    gaps: Vec<plumb_model::resource::ScanGap>,
}

impl Stored {
    pub(crate) fn load(ledger: &Arc<Ledger>, id: ScanId) -> anyhow::Result<Stored> {
        let stored = ledger.scan(&id)?.context("the scan is not in the ledger any more")?;
        Ok(Stored {
            ledger: Arc::clone(ledger),
            scan: stored.scan,
            summary: stored.summary.unwrap_or_default(),
            catalogue: ledger.catalogue(&id)?,
            gaps: ledger.gaps(&id)?,
        })
    }

    /// Writes the reports, says on standard error which files they went to, and what to do about a scan that is not whole.
    pub(crate) fn write(&self, outputs: &[Output]) -> anyhow::Result<()> {
        for output in outputs {
            if let Some(path) = &output.file {
                self.write_file(output.format, path).with_context(|| format!("the report {}", path.display()))?;
                eprintln!("{} report: {}", output.format.as_str(), path.display());
            } else {
                let style = Style { color: print::colour(), width: print::width() };
                let mut stdout = BufWriter::new(std::io::stdout().lock());
                output.format.write(&self.report(), &style, &mut stdout)?;
                stdout.flush()?;
            }
        }
        if let ScanStatus::Cancelled | ScanStatus::Failed = self.scan.status {
            let reason = self.scan.status_reason.as_deref().unwrap_or_default();
            let id = uuid::Uuid::from_bytes(self.scan.id);
            eprintln!("scan {}: {reason}; what was found so far is recorded", self.scan.status);
            eprintln!("take it up again with: plumb scan --resume {id}");
        }
        Ok(())
    }

    /// The rights that were missing, for lists and for single attributes, on standard error, so that somebody can grant them.
    fn say_what_is_missing(&self) -> anyhow::Result<()> {
        let mut missing: BTreeSet<String> = self.gaps.iter().filter_map(|gap| gap.permission.clone()).collect();
        self.ledger.resources(&self.scan.id, |row| {
            missing.extend(row.gaps.into_iter().filter_map(|gap| gap.permission));
            Ok::<(), StoreError>(())
        })?;
        if missing.is_empty() {
            return Ok(());
        }
        eprintln!("missing permissions, without which not everything was seen:");
        for permission in missing {
            eprintln!("  {}", print::plain(&permission));
        }
        Ok(())
    }

    /// Beside its place first, so that nobody ever reads half a report. What is no plain file, such as `/dev/null` or a pipe, is
    /// written to as it is: renaming would put a file in its place.
    fn write_file(&self, format: Format, path: &Path) -> anyhow::Result<()> {
        let style = Style { color: false, width: FILE_WIDTH };
        if std::fs::metadata(path).is_ok_and(|about| !about.is_file()) {
            let mut file = BufWriter::new(File::options().write(true).open(path)?);
            format.write(&self.report(), &style, &mut file)?;
            return Ok(file.flush()?);
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let mut file = BufWriter::new(File::create(&part)?);
        format.write(&self.report(), &style, &mut file)?;
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&part, path)?;
        Ok(())
    }

    fn report(&self) -> Report<'_> {
        Report {
            scan: &self.scan,
            summary: &self.summary,
            catalogue: &self.catalogue,
            gaps: &self.gaps,
            findings: self,
            tool_version: env!("CARGO_PKG_VERSION"),
        }
    }

    fn exit(&self, fail_on: Option<Severity>, min_coverage: Option<f64>) -> Exit {
        let violations: &BTreeMap<Severity, u64> = &self.summary.violations_by_severity;
        let found = fail_on.is_some_and(|least| violations.range(least..).any(|(_, count)| *count > 0));
        let too_little = min_coverage.is_some_and(|least| self.scan.coverage.percent() < least);
        if self.scan.status == ScanStatus::Cancelled {
            Exit::Interrupted
        } else if self.scan.status != ScanStatus::Completed || !self.gaps.is_empty() || too_little {
            Exit::Incomplete
        } else if found {
            Exit::Findings
        } else {
            Exit::Success
        }
    }
}

impl Findings for Stored {
    fn each(&self, visit: &mut dyn FnMut(&Finding) -> Result<(), ReportError>) -> Result<(), ReportError> {
        self.walk(|finding| visit(finding).map_err(Stop::Report))
    }

    fn each_listed(&self, visit: &mut dyn FnMut(&Finding) -> Result<(), ReportError>) -> Result<(), ReportError> {
        // The ledger gives those that are not listed last.
        self.walk(|finding| if is_listed(finding) { visit(finding).map_err(Stop::Report) } else { Err(Stop::Enough) })
    }
}

impl Stored {
    fn walk(&self, mut visit: impl FnMut(&Finding) -> Result<(), Stop>) -> Result<(), ReportError> {
        match self.ledger.findings(&self.scan.id, |finding| visit(&finding)) {
            Ok(()) | Err(Stop::Enough) => Ok(()),
            Err(Stop::Report(error)) => Err(error),
            Err(Stop::Store(error)) => Err(ReportError::Read(Box::new(error))),
        }
    }
}

/// Why a walk over the findings ended early.
enum Stop {
    /// Nothing follows that is wanted.
    Enough,
    Report(ReportError),
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Store(error)
    }
}
