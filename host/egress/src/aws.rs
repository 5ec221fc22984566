//! AWS: sends the requests of a provider for one target. In reading order: [`services`] and [`place`] (which host is which service),
//! [`read_only`] (what may be asked), [`writes`] (what may be changed, where somebody granted it), [`credentials`] and [`accounts`] (who asks), [`endpoints`] (where), [`sigv4`] (the signature),
//! [`error_code`] and [`answer`] (what came back).

pub(crate) mod accounts;
mod answer;
pub mod credentials;
pub(crate) mod endpoints;
pub(crate) mod error_code;
pub(crate) mod place;
mod read_only;
mod services;
pub mod sigv4;
mod writes;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plumb_model::target::CredentialReference;
use plumb_runtime::egress::{Authentication, Egress, HttpError, Method, Request, Response, Sending, Writer};
use plumb_runtime::grant::{Hosts, Writes};

use crate::client::{Trust, WebClient};
use crate::environment::Environment;
use crate::guard::resolve::System;
use crate::guard::{Allowed, Url};
use crate::pace::Pace;
use crate::recording::{Body, Question, Recording};
use crate::secrets::Secrets;
use crate::sending::{Call, Sender};
use accounts::{AccountSettings, Accounts};
use credentials::chain;
use credentials::profiles::Profiles;
pub use credentials::sts::Identity;
use endpoints::Endpoints;
use place::{Place, is_account, is_region};
use read_only::Asked;

/// Where sts is asked when nobody names a region.
const REGION: &str = "us-east-1";

/// What a target's requests are sent with.
#[derive(Debug, Default)]
pub struct Options<'a> {
    /// The target's settings: `accounts`, `role`, `external_id`, `organization`; the rest is the provider's.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// None for what the environment says.
    pub credentials: Option<&'a CredentialReference>,
    pub environment: Environment,
    /// Calls are written to it, or come from it.
    pub recording: Option<Arc<Recording>>,
    pub pace: Pace,
}

/// Sends requests to AWS, and unsigned ones elsewhere.
#[derive(Debug)]
pub struct Aws {
    sender: Sender,
    secrets: Arc<Secrets>,
    /// None in a replay.
    accounts: Option<Accounts>,
    recording: Option<Arc<Recording>>,
}

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Read,
    Write,
}

/// A request that may be sent.
struct Checked {
    call: Call,
    /// What it does: the operation of one that reads, the action of one that writes.
    operation: String,
    is_signed: bool,
    /// Where the operator's endpoint takes it.
    place: Option<Place>,
}

impl Aws {
    /// Reads what the environment, the shared files and the target say. Nothing is sent before the first request. The error says
    /// what is missing, and what to do.
    pub fn open(options: Options<'_>) -> Result<Aws, String> {
        let Options { settings, credentials, environment, recording, pace } = options;
        let secrets = Arc::new(Secrets::default());
        let client = |allowed: Allowed, trust: &Trust| {
            WebClient::with(allowed, trust, Arc::new(System)).map_err(|error| error.to_string())
        };
        if recording.as_ref().is_some_and(|recording| recording.is_replay()) {
            let sender = Sender::new(client(Allowed::public(), &Trust::System)?, pace, Arc::clone(&secrets));
            return Ok(Aws { sender, secrets, accounts: None, recording });
        }
        let profiles = Profiles::read(&environment)?;
        let chosen = chain::choose(credentials, &environment, &profiles)?;
        let profile = chosen.profile.as_deref().unwrap_or("default");
        let endpoints = Endpoints::read(&environment, &profiles, profile)?;
        let of_profile = |name: &str| profiles.get(profile).and_then(|section| section.get(name)).map(String::as_str);
        let region = environment.get("AWS_REGION").or_else(|| environment.get("AWS_DEFAULT_REGION"));
        let region = region.or_else(|| of_profile("region")).unwrap_or(REGION).to_owned();
        if !is_region(&region) {
            return Err(format!("{region:?} is no region, for example {REGION}"));
        }
        let attempts = environment.get("AWS_MAX_ATTEMPTS").or_else(|| of_profile("max_attempts"));
        let pace = pace.with_attempts(attempts)?;
        let bundle = environment.get("AWS_CA_BUNDLE").or_else(|| of_profile("ca_bundle"));
        let trust = bundle.map_or(Trust::System, |path| Trust::Bundle(environment.path(path)));
        let allowed = endpoints.configured().fold(Allowed::public(), |allowed, endpoint| allowed.and(endpoint.clone()));
        let sender = Sender::new(client(allowed, &trust)?, pace, Arc::clone(&secrets));
        let settings = AccountSettings::read(&settings)?;
        let accounts = Accounts::new(environment, endpoints, chosen, settings, region);
        Ok(Aws { sender, secrets, accounts: Some(accounts), recording })
    }

    /// Who the target's own credentials are, and whether there are any.
    pub async fn identity(&self) -> Result<Identity, String> {
        let accounts = self.accounts.as_ref().ok_or("a replay is nobody")?;
        accounts.identity(&self.sender, REGION).await.map(|identity| (*identity).clone())
    }

    async fn answer(&self, hosts: &Hosts, request: Request) -> Result<Response, HttpError> {
        let checked = check(hosts, request, Purpose::Read).map_err(HttpError::Refused)?;
        let Some(recording) = &self.recording else { return self.ask(checked).await };
        let call = &checked.call;
        let question = Question {
            method: call.method.as_str().to_owned(),
            url: call.url.to_string(),
            account: call.account.clone(),
            region: call.region.clone(),
            service: call.service.to_owned(),
            headers: call.headers.clone(),
            body: Body::new(&call.body),
        };
        let path = recording.path(&question, &checked.operation);
        if recording.is_replay() {
            let recording = Arc::clone(recording);
            return blocking(move || recording.read(&path, &question)).await?;
        }
        let result = self.ask(checked).await;
        let (recording, secrets) = (Arc::clone(recording), Arc::clone(&self.secrets));
        let kept = result.clone();
        // A recording with holes is worse than none.
        blocking(move || recording.write(&path, question, &kept, &secrets)).await?.map_err(HttpError::Refused)?;
        result
    }

    /// Signs and sends.
    async fn ask(&self, checked: Checked) -> Result<Response, HttpError> {
        let Checked { mut call, operation, is_signed, place } = checked;
        let accounts = self.accounts.as_ref();
        let accounts = accounts.ok_or_else(|| HttpError::Refused("a replay sends nothing".to_owned()))?;
        let credentials = if is_signed {
            let credentials = accounts.credentials(&self.sender, &call.account, &call.region).await;
            Some(credentials.map_err(|problem| HttpError::Unauthenticated(self.secrets.strike(&problem)))?)
        } else {
            None
        };
        if let Some((endpoint, place)) =
            place.as_ref().and_then(|place| Some((accounts.endpoints.of(place.service)?, place)))
        {
            call.url.endpoint = endpoint.clone();
            if let (Some(bucket), "s3") = (&place.before, place.service.prefix) {
                // The operator's endpoint has no host for each bucket.
                call.url.path = format!("/{bucket}{}", call.url.path);
            }
        }
        let sent = self.sender.send(&call, credentials.as_deref()).await;
        let Call { service, region, .. } = &call;
        match &sent {
            Ok(answer) => tracing::debug!(service, region, operation, status = answer.status, "answered"),
            Err(error) => tracing::debug!(service, region, operation, %error, "no answer"),
        }
        answer::response(sent, &self.secrets)
    }
}

/// Work with files, which waits.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, HttpError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| HttpError::Refused(format!("the recording: {error}")))
}

impl Egress for Aws {
    fn send<'a>(&'a self, hosts: &'a Hosts, request: Request) -> Sending<'a, Result<Response, HttpError>> {
        Box::pin(self.answer(hosts, request))
    }

    fn redact(&self, text: &str) -> String {
        self.secrets.strike(text)
    }

    fn holds_secret(&self, bytes: &[u8]) -> bool {
        self.secrets.stand_in(bytes)
    }
}

impl Writer for Aws {
    fn action(&self, hosts: &Hosts, request: &Request) -> Result<String, String> {
        check(hosts, request.clone(), Purpose::Write).map(|checked| checked.operation)
    }

    fn write<'a>(
        &'a self,
        hosts: &'a Hosts,
        granted: &'a Writes,
        request: Request,
    ) -> Sending<'a, Result<Response, HttpError>> {
        Box::pin(async move {
            let mut checked = check(hosts, request, Purpose::Write).map_err(HttpError::Refused)?;
            if !granted.contain(&checked.operation) {
                return Err(HttpError::Refused(format!("{} is not granted", checked.operation)));
            }
            if checked.place.as_ref().is_some_and(|place| place.service.prefix == "s3") {
                // S3 takes settings only with a digest of theirs.
                let digest = STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, &checked.call.body));
                checked.call.headers.push(("x-amz-checksum-sha256".to_owned(), digest));
            }
            self.ask(checked).await
        })
    }

    fn caller(&self) -> Sending<'_, Result<String, String>> {
        Box::pin(async move { self.identity().await.map(|identity| identity.arn) })
    }

    fn redact(&self, text: &str) -> String {
        self.secrets.strike(text)
    }
}

/// Whether a request may be sent, and as what. The error names the rule. What is checked is what is sent, to the byte.
fn check(hosts: &Hosts, request: Request, purpose: Purpose) -> Result<Checked, String> {
    let Request { method, url, headers, body, authentication } = request;
    let mut url: Url = url.parse()?;
    let host = url.endpoint.host();
    Allowed::public().check(&url.endpoint)?;
    if !hosts.contain(&host) {
        return Err(format!("{host} is none of the hosts that the plugin's manifest names"));
    }
    if url.query.as_deref().is_some_and(|query| query.contains([';', '+'])) {
        return Err("a query has ; and + percent-encoded, and a space as %20".to_owned());
    }
    url.query = url.query.map(|query| sigv4::canonical_query(&query)).filter(|query| !query.is_empty());
    let headers = read_only::headers(&headers)?;
    let body = body.unwrap_or_default();
    match authentication {
        Authentication::None => {
            if purpose == Purpose::Write {
                return Err("nothing is changed without a signature".to_owned());
            }
            if !matches!(method, Method::Get | Method::Head) || !body.is_empty() {
                return Err("without a signature only GET and HEAD without a body are sent".to_owned());
            }
            let operation = format!("{} {}", method.as_str(), url.path);
            let (region, account) = (String::new(), String::new());
            let call = Call { method, url, headers, body, service: "", region, account, writes: false };
            Ok(Checked { call, operation, is_signed: false, place: None })
        }
        Authentication::Bearer(scope) => Err(format!("there is no bearer token for {scope} here")),
        Authentication::AwsSigv4 { service, region, account } => {
            let place = Place::of(&host)?;
            if place.service.signing != service {
                return Err(format!(
                    "requests to {host} are signed for {}, not for {service:?}",
                    place.service.signing
                ));
            }
            if !is_region(&region) || place.region.as_ref().is_some_and(|known| *known != region) {
                return Err(format!("requests to {host} are not signed for the region {region:?}"));
            }
            if !account.is_empty() && !is_account(&account) {
                return Err(format!("{account:?} is no account: it has twelve digits"));
            }
            let asked = Asked { method, url: &url, headers: &headers, body: &body };
            let (operation, writes) = match purpose {
                Purpose::Read => (read_only::check(&place, &asked)?, false),
                Purpose::Write => (writes::action(&place, &asked)?, true),
            };
            let call = Call { method, url, headers, body, service: place.service.signing, region, account, writes };
            Ok(Checked { call, operation, is_signed: true, place: Some(place) })
        }
    }
}
