//! What the requests of providers are sent with: the program's own environment, and a recording where one was asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use plumb_egress::{Aws, Environment, Options, Pace, Recording};
use plumb_engine::egress::EgressSource;
use plumb_engine::request::TargetRequest;
use plumb_runtime::egress::Egress;

use crate::arguments::cloud::Cloud;
use crate::exit::usage;

/// What the environment of this process says, where a target names no credentials.
const OWN: &str = "environment";

/// Opens what sends the requests of a target.
#[derive(Debug)]
pub(crate) struct Source {
    environment: Environment,
    recording: Option<Arc<Recording>>,
    /// What targets may name; none for all, where who names them is who runs this.
    lent: Option<BTreeSet<String>>,
    pace: Pace,
}

impl Source {
    /// With the environment of this process, as it is now.
    pub(crate) fn new() -> Arc<Source> {
        Arc::new(Source::with(None, None))
    }

    fn with(recording: Option<Arc<Recording>>, lent: Option<BTreeSet<String>>) -> Source {
        Source { environment: Environment::of_process(), recording, lent, pace: Pace::default() }
    }

    /// For a server: whoever may make targets gets at no credentials but these, as `profile:audit`, or `environment` for its own.
    pub(crate) fn lending(lent: BTreeSet<String>) -> Arc<Source> {
        Arc::new(Source::with(None, Some(lent)))
    }

    /// As the arguments say: recording or replaying, and with their patience.
    pub(crate) fn of(cloud: &Cloud) -> anyhow::Result<Arc<Source>> {
        let recording = match (&cloud.record, &cloud.replay) {
            (Some(folder), _) => {
                Some(Recording::record(folder).map_err(|problem| usage(format!("--record: {problem}")))?)
            }
            (None, Some(folder)) => {
                Some(Recording::replay(folder).map_err(|problem| usage(format!("--replay: {problem}")))?)
            }
            (None, None) => None,
        };
        let source = Source::with(recording.map(Arc::new), None);
        let pace = cloud.request_timeout.map_or(source.pace, |time| source.pace.with_attempt_time(time));
        Ok(Arc::new(Source { pace, ..source }))
    }
}

impl EgressSource for Source {
    fn open(&self, target: &TargetRequest) -> Result<Arc<dyn Egress>, String> {
        let named = target.credentials.as_ref().map_or_else(|| OWN.to_owned(), ToString::to_string);
        if self.lent.as_ref().is_some_and(|lent| !lent.contains(&named)) {
            let how = "its operator lists those it lends under [scans] as allowed_credentials";
            return Err(format!("this server does not lend the credentials '{named}' to targets; {how}"));
        }
        let aws = Aws::open(Options {
            settings: target.settings.clone(),
            credentials: target.credentials.as_ref(),
            environment: self.environment.clone(),
            recording: self.recording.clone(),
            pace: self.pace,
        })?;
        Ok(Arc::new(aws))
    }
}
