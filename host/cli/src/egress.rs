//! What the requests of providers are sent with: the program's own environment, and a recording where one was asked for.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use futures::future::BoxFuture;
use plumb_egress::guard::resolve::System;
use plumb_egress::{Allowed, Aws, Endpoint, Environment, Options, Pace, Recording};
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
    /// Where repositories of targets may be; none for wherever, where who names them is who runs this.
    repositories: Option<Allowed>,
    pace: Pace,
}

impl Source {
    /// With the environment of this process, as it is now.
    pub(crate) fn new() -> Arc<Source> {
        Arc::new(Source::own(None))
    }

    /// All that whoever runs this program may use.
    fn own(recording: Option<Arc<Recording>>) -> Source {
        Source {
            environment: Environment::of_process(),
            recording,
            lent: None,
            repositories: None,
            pace: Pace::default(),
        }
    }

    /// For a server: whoever may make targets gets at no credentials but these, as `profile:audit`, or `environment` for its own, and
    /// at no repositories but those at public addresses and at these endpoints.
    pub(crate) fn lending(lent: BTreeSet<String>, repositories: Vec<Endpoint>) -> Arc<Source> {
        let repositories = repositories.into_iter().fold(Allowed::public().on_any_port(), Allowed::and);
        Arc::new(Source { lent: Some(lent), repositories: Some(repositories), ..Source::own(None) })
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
        let source = Source::own(recording.map(Arc::new));
        let pace = cloud.request_timeout.map_or(source.pace, |time| source.pace.with_attempt_time(time));
        Ok(Arc::new(Source { pace, ..source }))
    }
}

impl Source {
    /// When the recording was made that is being written or replayed.
    pub(crate) fn as_of(&self) -> Option<String> {
        self.recording.as_ref()?.made_at().map(str::to_owned)
    }

    /// What there is to know of the day that a replay is evaluated as of.
    pub(crate) fn replayed_day(&self) -> Option<String> {
        let recording = self.recording.as_ref().filter(|recording| recording.is_replay())?;
        Some(recording.made_at().map_or_else(
            || {
                "the recording does not say when it was made: checks that depend on the time are given today's"
                    .to_owned()
            },
            |time| format!("evaluated as of {time}, when the recording was made"),
        ))
    }
}

impl EgressSource for Source {
    fn open(&self, target: &TargetRequest) -> Result<Arc<dyn Egress>, String> {
        Ok(Arc::new(self.aws(target)?))
    }

    fn addresses<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Option<Vec<IpAddr>>, String>> {
        Box::pin(async move {
            let Some(repositories) = &self.repositories else { return Ok(None) };
            let found = repositories.addresses(&url.parse()?, &System).await;
            let how = "its operator lists hosts that may be reached all the same under [scans] as allowed_repositories";
            found.map(Some).map_err(|refused| format!("this server does not fetch it: {refused}; {how}"))
        })
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
            pace: self.pace,
        })
    }
}
