//! The API families: what a client expects of an error depends on whose documentation it was written from.

/// Which public document a route belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Drift scans of repositories: `/api/scans`.
    S1,
    /// Scan history: `/api/scan/history`.
    S2,
    /// The scan's whole life, and schedules: `/v1/scans`.
    S3,
    /// Control results and evidence: `/api/scans`, `/api/evidence`.
    S4,
    /// Drift findings: `/api/v1/drifts`.
    S5,
    /// This server's own.
    Native,
    /// Pages for people: they get a page where others get a problem document.
    Dashboard,
}

impl Family {
    /// Whose a path is where no route says so: one that is not there, or a method that the path does not know.
    pub(crate) fn of_path(path: &str) -> Family {
        const PREFIXES: [(&str, Family); 5] = [
            ("/api/scans", Family::S1),
            ("/api/scan", Family::S2),
            ("/v1/scans", Family::S3),
            ("/api/evidence", Family::S4),
            ("/api/v1/drifts", Family::S5),
        ];
        let under =
            |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        PREFIXES.into_iter().find(|(prefix, _)| under(prefix)).map_or(Family::Native, |(_, family)| family)
    }
}
