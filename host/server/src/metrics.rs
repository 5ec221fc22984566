//! The server's own figures, as OpenMetrics text.

use std::collections::BTreeMap;
use std::fmt;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use plumb_model::access::Scope;
use plumb_model::scan::ScanStatus;
use plumb_store::StoredScanHead;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use utoipa::OpenApi;

use crate::extract::NoParameters;
use crate::limits::METRIC_SCANS;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::state::AppState;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The route of what matched none, so that nobody can make label values by asking for paths.
const NO_ROUTE: &str = "none";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    status: u16,
}

/// What is counted while the server runs.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        let mut registry = Registry::with_prefix("plumb");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered, by route and status", requests.clone());
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program that runs", build);
        Metrics { registry, requests }
    }

    /// Counts an answer. The route is the pattern that matched, not the path that was asked for.
    pub(crate) fn answered(&self, route: Option<&str>, status: StatusCode) {
        let route = route.unwrap_or(NO_ROUTE).to_owned();
        self.requests.get_or_create(&Answered { route, status: status.as_u16() }).inc();
    }

    fn text(&self, scans: &Registry) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        encode_registry(&mut text, scans)?;
        encode_eof(&mut text)?;
        Ok(text)
    }
}

pub(crate) fn routes() -> Routes {
    // Counts of all tenants in one: the operator's alone.
    Routes::new()
        .get("/metrics", Scope::MetricsRead, crate::family::Family::Native, show)
        .documented(Documented::openapi())
}

#[derive(OpenApi)]
#[openapi(paths(show))]
struct Documented;

/// The server's own figures, as OpenMetrics text.
///
/// The ledger's figures are read for each scrape. Where it cannot be read they are left out rather than nought, and
/// `plumb_ledger_readable` says so.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses(
    (status = 200, description = "OpenMetrics 1.0", body = String, content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"),
))]
pub(crate) async fn show(_: NoParameters, State(state): State<AppState>) -> Result<impl IntoResponse, Problem> {
    let newest = state.read(|ledger| ledger.scans(None, METRIC_SCANS)).await;
    let newest = newest.inspect_err(|error| tracing::error!(%error, "the ledger's metrics cannot be read")).ok();
    let text = state.metrics.text(&ledger_figures(newest.as_deref())).map_err(|error| {
        tracing::error!(%error, "the metrics cannot be written");
        Problem::internal()
    })?;
    Ok(([(CONTENT_TYPE, OPENMETRICS)], text))
}

fn ledger_figures(newest: Option<&[StoredScanHead]>) -> Registry {
    let mut registry = Registry::with_prefix("plumb");
    let readable: Gauge = Gauge::default();
    readable.set(newest.is_some().into());
    registry.register("ledger_readable", "1 if the ledger answered this scrape, else 0", readable);
    if let Some(newest) = newest {
        let scans: Family<[(&'static str, &'static str); 1], Gauge> = Family::default();
        for (status, count) in by_status(newest) {
            scans.get_or_create(&[("status", status)]).set(count);
        }
        let about = format!("Scans in the ledger by status, of the newest {METRIC_SCANS}");
        registry.register("ledger_scans", about, scans);
    }
    registry
}

/// Each status, those without a scan too: a series that comes and goes cannot be alerted on.
fn by_status(newest: &[StoredScanHead]) -> BTreeMap<&'static str, i64> {
    use ScanStatus::{Cancelled, Completed, Failed, Pending, Running};
    let mut counts: BTreeMap<&'static str, i64> =
        [Pending, Running, Completed, Failed, Cancelled].map(|status| (status.as_str(), 0)).into();
    for head in newest {
        *counts.entry(head.scan.status.as_str()).or_default() += 1;
    }
    counts
}
