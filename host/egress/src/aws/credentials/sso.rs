//! Single sign-on: the token that `aws sso login` left is exchanged for credentials of a role. The token is not renewed here; that
//! takes a browser.

use std::path::PathBuf;

use jiff::Timestamp;
use plumb_runtime::egress::Method;
use ring::digest;

use super::Credentials;
use super::profiles::{Profiles, Section};
use crate::aws::place::domain;
use crate::aws::sigv4::hexadecimal;
use crate::environment::Environment;
use crate::percent::encode;
use crate::secrets::Secret;
use crate::sending::Sender;

/// One role of one account, by a session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    profile: String,
    region: String,
    account: String,
    role: String,
    /// Where the command line keeps the session's token.
    token: PathBuf,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    access_token: String,
    expires_at: String,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    role_credentials: Keys,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keys {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    /// Milliseconds since 1970.
    expiration: i64,
}

impl Session {
    /// None for a profile without single sign-on.
    pub(super) fn of(
        profile: &str,
        section: &Section,
        profiles: &Profiles,
        environment: &Environment,
    ) -> Result<Option<Session>, String> {
        let session = section.get("sso_session");
        let Some(start) = session.or_else(|| section.get("sso_start_url")) else { return Ok(None) };
        let shared = session.and_then(|name| profiles.sso_session(name)).unwrap_or(section);
        let text = |from: &Section, name: &str| {
            let value = from.get(name).filter(|value| !value.is_empty()).cloned();
            value.ok_or_else(|| format!("profile {profile}: single sign-on needs {name}"))
        };
        // The command line names the file by the session's name, or where there is none by its URL.
        let name = hexadecimal(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, start.as_bytes()).as_ref());
        Ok(Some(Session {
            profile: profile.to_owned(),
            region: text(shared, "sso_region")?,
            account: text(section, "sso_account_id")?,
            role: text(section, "sso_role_name")?,
            token: environment.path(&format!("~/.aws/sso/cache/{name}.json")),
        }))
    }

    pub(super) async fn fetch(&self, sender: &Sender) -> Result<Credentials, String> {
        let login = format!("; log in with: aws sso login --profile {}", self.profile);
        let text = std::fs::read(&self.token).map_err(|_| format!("nobody is logged in{login}"))?;
        let token: Token = serde_json::from_slice(&text).map_err(|_| format!("the login cannot be read{login}"))?;
        if token.expires_at.parse::<Timestamp>().is_ok_and(|expires_at| expires_at <= Timestamp::now()) {
            return Err(format!("the login has expired{login}"));
        }
        let url = format!(
            "https://portal.sso.{}.{}/federation/credentials?role_name={}&account_id={}",
            self.region,
            domain(&self.region),
            encode(&self.role),
            encode(&self.account)
        );
        let headers = vec![("x-amz-sso_bearer_token".to_owned(), token.access_token)];
        let answer = sender.plain(Method::Get, &url, &headers).await?;
        if answer.status != 200 {
            return Err(format!("single sign-on refused {} in {}: {}{login}", self.role, self.account, answer.status));
        }
        let Answer { role_credentials: keys } =
            serde_json::from_slice(&answer.body).map_err(|_| "single sign-on gave no credentials".to_owned())?;
        Ok(Credentials {
            access_key_id: keys.access_key_id,
            secret_access_key: Secret::new(keys.secret_access_key),
            session_token: Some(Secret::new(keys.session_token)),
            expires_at: Timestamp::from_millisecond(keys.expiration).ok(),
        })
    }
}
