//! What the requests of providers are sent with: the program's own environment, and a recording where one was asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use plumb_egress::{Aws, Environment, Options, Recording};
use plumb_engine::egress::EgressSource;
use plumb_engine::remediation::mend::WriterSource;
use plumb_engine::request::TargetRequest;
use plumb_runtime::egress::{Egress, Writer};

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
}

impl Source {
    /// With the environment of this process, as it is now.
    pub(crate) fn new() -> Arc<Source> {
        Arc::new(Source { environment: Environment::of_process(), recording: None, lent: None })
    }

    /// For a server: whoever may make targets gets at no credentials but these, as `profile:audit`, or `environment` for its own.
    pub(crate) fn lending(lent: BTreeSet<String>) -> Arc<Source> {
        Arc::new(Source { environment: Environment::of_process(), recording: None, lent: Some(lent) })
    }

    /// The same, recording or replaying.
    pub(crate) fn with_recording(cloud: &Cloud) -> anyhow::Result<Arc<Source>> {
        let recording = match (&cloud.record, &cloud.replay) {
            (Some(folder), _) => {
                Some(Recording::record(folder).map_err(|problem| usage(format!("--record: {problem}")))?)
            }
            (None, Some(folder)) => {
                Some(Recording::replay(folder).map_err(|problem| usage(format!("--replay: {problem}")))?)
            }
            (None, None) => None,
        };
        Ok(Arc::new(Source { environment: Environment::of_process(), recording: recording.map(Arc::new), lent: None }))
    }
}

impl EgressSource for Source {
    fn open(&self, target: &TargetRequest) -> Result<Arc<dyn Egress>, String> {
        Ok(Arc::new(self.aws(target)?))
    }
}

impl WriterSource for Source {
    fn open(&self, target: &TargetRequest) -> Result<Arc<dyn Writer>, String> {
        Ok(Arc::new(self.aws(target)?))
    }
}

impl Source {
    fn aws(&self, target: &TargetRequest) -> Result<Aws, String> {
        let named = target.credentials.as_ref().map_or_else(|| OWN.to_owned(), ToString::to_string);
        if self.lent.as_ref().is_some_and(|lent| !lent.contains(&named)) {
            let how = "its operator lists those it lends under [scans] as allowed_credentials";
            return Err(format!("this server does not lend the credentials '{named}' to targets; {how}"));
        }
        Aws::open(Options {
            settings: target.settings.clone(),
            credentials: target.credentials.as_ref(),
            environment: self.environment.clone(),
            recording: self.recording.clone(),
            ..Options::default()
        })
    }
}
