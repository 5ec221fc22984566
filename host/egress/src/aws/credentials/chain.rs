//! Decides where credentials come from, in the order of the AWS command line: the environment, a profile's role, web identity,
//! single sign-on, keys, program, then the container's agent and the machine's metadata.

use plumb_model::target::CredentialReference;

use super::profiles::{Profiles, Section};
use super::{Credentials, Role, Source, sso};
use crate::environment::Environment;
use crate::secrets::Secret;

/// Profiles that point to each other: as many as anybody would set up, and an end to those that go round in a circle.
const PROFILE_DEPTH: usize = 8;

/// What is chosen, and what it is called in messages.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) source: Source,
    pub(crate) name: String,
    /// The profile whose settings count beside.
    pub(crate) profile: Option<String>,
}

/// Where the credentials of a target come from.
pub(crate) fn choose(
    reference: Option<&CredentialReference>,
    environment: &Environment,
    profiles: &Profiles,
) -> Result<Chosen, String> {
    let chosen = |source: Source, name: String, profile: Option<&str>| {
        Ok(Chosen { source, name, profile: profile.map(str::to_owned) })
    };
    match reference {
        Some(CredentialReference::Profile(name)) => {
            chosen(profile(name, environment, profiles, PROFILE_DEPTH)?, format!("the profile {name}"), Some(name))
        }
        Some(CredentialReference::File(path)) => {
            let path = environment.path(path);
            let file = Profiles::of_file(&path)?;
            let keys = file.get("default").and_then(|section| keys_of(section).transpose()).transpose()?;
            let keys = keys.ok_or_else(|| {
                format!("{} has no aws_access_key_id and aws_secret_access_key under [default]", path.display())
            })?;
            chosen(Source::Fixed(keys), format!("the file {}", path.display()), None)
        }
        Some(CredentialReference::WebIdentity(path)) => {
            let role = environment.get("AWS_ROLE_ARN");
            let role = role.ok_or("a web identity needs AWS_ROLE_ARN, the role that its token is for")?;
            let source = web_identity(role, environment.get("AWS_ROLE_SESSION_NAME"), environment.path(path));
            chosen(source, format!("the web identity in {path}"), None)
        }
        Some(CredentialReference::Environment(prefix)) => {
            let keys = keys_of_environment(environment, prefix)?;
            let keys = keys.ok_or_else(|| format!("{prefix}_ACCESS_KEY_ID is not set"))?;
            chosen(Source::Fixed(keys), format!("the variables {prefix}_*"), None)
        }
        None => usual(environment, profiles),
    }
}

fn usual(environment: &Environment, profiles: &Profiles) -> Result<Chosen, String> {
    let named = environment.get("AWS_PROFILE").or_else(|| environment.get("AWS_DEFAULT_PROFILE"));
    let settings = named.unwrap_or("default");
    let chosen = |source: Source, name: String| Ok(Chosen { source, name, profile: Some(settings.to_owned()) });
    if let Some(keys) = keys_of_environment(environment, "AWS")? {
        return chosen(Source::Fixed(keys), "the variables AWS_*".to_owned());
    }
    // A token without its own profile comes before the default profile, as in a pod that has both.
    if let (Some(file), Some(role)) = (environment.get("AWS_WEB_IDENTITY_TOKEN_FILE"), environment.get("AWS_ROLE_ARN"))
        && named.is_none()
    {
        let source = web_identity(role, environment.get("AWS_ROLE_SESSION_NAME"), environment.path(file));
        return chosen(source, "the web identity of AWS_WEB_IDENTITY_TOKEN_FILE".to_owned());
    }
    if named.is_some() || profiles.get("default").is_some_and(has_source) {
        return chosen(profile(settings, environment, profiles, PROFILE_DEPTH)?, format!("the profile {settings}"));
    }
    if let Some(source) = container(environment) {
        return chosen(source, "the container's agent".to_owned());
    }
    if environment.is_true("AWS_EC2_METADATA_DISABLED") {
        return Err(format!(
            "no AWS_ACCESS_KEY_ID, no AWS_WEB_IDENTITY_TOKEN_FILE, no AWS_PROFILE, {}, no AWS_CONTAINER_CREDENTIALS_*, and \
             AWS_EC2_METADATA_DISABLED is true; set AWS_PROFILE, or name a profile with --profile",
            profiles.describe()
        ));
    }
    chosen(
        Source::Instance,
        format!(
            "the machine's metadata service (there is no AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE, AWS_PROFILE or \
             AWS_CONTAINER_CREDENTIALS_*, and {})",
            profiles.describe()
        ),
    )
}

/// Whether a profile says where credentials come from.
fn has_source(section: &Section) -> bool {
    let names = [
        "aws_access_key_id",
        "role_arn",
        "credential_process",
        "web_identity_token_file",
        "sso_session",
        "sso_start_url",
    ];
    names.iter().any(|name| section.contains_key(*name))
}

fn profile(name: &str, environment: &Environment, profiles: &Profiles, depth: usize) -> Result<Source, String> {
    let section = profiles.get(name).ok_or_else(|| format!("there is no profile {name}: {}", profiles.describe()))?;
    let text = |key: &str| section.get(key).map(String::as_str).filter(|value| !value.is_empty());
    let Some(arn) = text("role_arn") else { return plain_profile(name, section, environment, profiles) };
    let duration_seconds = text("duration_seconds").map(str::parse).transpose();
    let role = Role {
        arn: arn.to_owned(),
        external_id: text("external_id").map(str::to_owned),
        session_name: text("role_session_name").map(str::to_owned),
        duration_seconds: duration_seconds.map_err(|_| format!("profile {name}: duration_seconds is no number"))?,
    };
    if let Some(file) = text("web_identity_token_file") {
        return Ok(Source::WebIdentity { role, token_file: environment.path(file) });
    }
    if text("mfa_serial").is_some() {
        return Err(format!(
            "profile {name} asks for a code of {}, which a scan cannot type; take a session first (aws sts get-session-token) \
             and give its keys by environment",
            text("mfa_serial").unwrap_or_default()
        ));
    }
    let base = match (text("source_profile"), text("credential_source")) {
        (Some(_), Some(_)) => return Err(format!("profile {name} has source_profile and credential_source; keep one")),
        (Some(source), None) if source == name => {
            // Pointing to oneself means one's own keys.
            keys_of(section)?
                .map(Source::Fixed)
                .ok_or_else(|| format!("profile {name} points to itself and has no keys"))?
        }
        (Some(_), None) if depth == 0 => {
            return Err(format!("profile {name}: its source_profile goes round in a circle"));
        }
        (Some(source), None) => profile(source, environment, profiles, depth - 1)?,
        (None, Some("Environment")) => {
            keys_of_environment(environment, "AWS")?.map(Source::Fixed).ok_or_else(|| {
                format!("profile {name}: credential_source is Environment, and AWS_ACCESS_KEY_ID is not set")
            })?
        }
        (None, Some("EcsContainer")) => container(environment).ok_or_else(|| {
            format!("profile {name}: credential_source is EcsContainer, and there is no container's agent")
        })?,
        (None, Some("Ec2InstanceMetadata")) => Source::Instance,
        (None, Some(other)) => return Err(format!("profile {name}: credential_source {other} is none that AWS knows")),
        (None, None) => return Err(format!("profile {name} has role_arn without source_profile or credential_source")),
    };
    Ok(Source::Role { base: Box::new(base), role })
}

fn plain_profile(
    name: &str,
    section: &Section,
    environment: &Environment,
    profiles: &Profiles,
) -> Result<Source, String> {
    if let Some(session) = sso::Session::of(name, section, profiles, environment)? {
        return Ok(Source::Sso(session));
    }
    if let Some(keys) = keys_of(section).map_err(|problem| format!("profile {name}: {problem}"))? {
        return Ok(Source::Fixed(keys));
    }
    match section.get("credential_process") {
        Some(command) => Ok(Source::Process(command.clone())),
        None => Err(format!("profile {name} has no credentials: no keys, role_arn, credential_process or sso_session")),
    }
}

fn keys_of(section: &Section) -> Result<Option<Credentials>, String> {
    let text = |key: &str| section.get(key).map(String::as_str).filter(|value| !value.is_empty());
    match (text("aws_access_key_id"), text("aws_secret_access_key")) {
        (Some(id), Some(secret)) => Ok(Some(Credentials::new(id, secret, text("aws_session_token")))),
        (None, None) => Ok(None),
        (None, _) => Err("aws_secret_access_key stands without aws_access_key_id".to_owned()),
        (_, None) => Err("aws_access_key_id stands without aws_secret_access_key".to_owned()),
    }
}

fn keys_of_environment(environment: &Environment, prefix: &str) -> Result<Option<Credentials>, String> {
    let text = |name: &str| environment.get(&format!("{prefix}_{name}"));
    let Some(id) = text("ACCESS_KEY_ID") else { return Ok(None) };
    let secret = text("SECRET_ACCESS_KEY");
    let secret = secret.ok_or_else(|| format!("{prefix}_ACCESS_KEY_ID is set, {prefix}_SECRET_ACCESS_KEY is not"))?;
    Ok(Some(Credentials::new(id, secret, text("SESSION_TOKEN").or_else(|| text("SECURITY_TOKEN")))))
}

fn web_identity(role: &str, session_name: Option<&str>, token_file: std::path::PathBuf) -> Source {
    let session_name = session_name.map(str::to_owned);
    let role = Role { arn: role.to_owned(), external_id: None, session_name, duration_seconds: None };
    Source::WebIdentity { role, token_file }
}

fn container(environment: &Environment) -> Option<Source> {
    let relative = environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let url = match relative {
        // Where the agent of ECS answers; AWS documents this address.
        Some(path) => format!("http://169.254.170.2{path}"),
        None => environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")?.to_owned(),
    };
    Some(Source::Container {
        url,
        token: environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(Secret::new),
        token_file: environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(|path| environment.path(path)),
    })
}
