//! Credentials for each account of a target: its own, and those of a role in accounts that the target names or that its
//! organization has. The list of the organization is asked for by the host itself, so that no plugin can add to it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use plumb_runtime::egress::Method;
use tokio::sync::Mutex;

use super::credentials::cache::Cache;
use super::credentials::chain::Chosen;
use super::credentials::fetch::{Means, fetch};
use super::credentials::sts::{self, Identity};
use super::credentials::{Credentials, Role};
use super::endpoints::Endpoints;
use super::error_code::error_code;
use super::place::{is_account, partition};
use crate::environment::Environment;
use crate::sending::{Call, Sender};

/// Pages of an organization's list; each has up to twenty accounts, and AWS allows 10,000 by default.
const ACCOUNT_PAGES: usize = 1000;

/// What a target says of other accounts. What else its settings hold is the provider's.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct AccountSettings {
    accounts: Vec<String>,
    /// The name of the role in each of them.
    role: Option<String>,
    external_id: Option<String>,
    /// Whether all accounts of the organization are meant.
    organization: bool,
}

impl AccountSettings {
    pub(crate) fn read(settings: &serde_json::Map<String, serde_json::Value>) -> Result<AccountSettings, String> {
        let read: AccountSettings = serde_json::from_value(settings.clone().into())
            .map_err(|error| format!("the target's settings: {error}"))?;
        if let Some(wrong) = read.accounts.iter().find(|account| !is_account(account)) {
            return Err(format!("{wrong:?} is no account: it has twelve digits"));
        }
        let fits = |role: &String| {
            let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&byte);
            !role.is_empty() && role.len() <= 576 && role.bytes().all(inner)
        };
        if let Some(wrong) = read.role.as_ref().filter(|role| !fits(role)) {
            return Err(format!("{wrong:?} is no name of a role; give its name, not its ARN"));
        }
        if read.organization && read.role.is_none() {
            return Err("all accounts of an organization are scanned through a role; name it".to_owned());
        }
        Ok(read)
    }
}

/// Gets and keeps credentials.
#[derive(Debug)]
pub(crate) struct Accounts {
    pub(crate) environment: Environment,
    pub(crate) endpoints: Endpoints,
    chosen: Chosen,
    settings: AccountSettings,
    /// Where sts is asked.
    region: String,
    own: Cache<Credentials>,
    identity: Cache<Identity>,
    organization: Cache<BTreeSet<String>>,
    roles: Mutex<HashMap<String, Arc<Cache<Credentials>>>>,
}

impl Accounts {
    pub(crate) fn new(
        environment: Environment,
        endpoints: Endpoints,
        chosen: Chosen,
        settings: AccountSettings,
        region: String,
    ) -> Accounts {
        Accounts {
            environment,
            endpoints,
            chosen,
            settings,
            region,
            own: Cache::default(),
            identity: Cache::default(),
            organization: Cache::default(),
            roles: Mutex::default(),
        }
    }

    /// Where sts is asked for a request to a region: not in another partition.
    fn region_for<'a>(&'a self, region: &'a str) -> &'a str {
        if partition(region) == partition(&self.region) { &self.region } else { region }
    }

    async fn own(&self, sender: &Sender, region: &str) -> Result<Arc<Credentials>, String> {
        let Accounts { environment, endpoints, chosen, .. } = self;
        let means = Means { environment, sender, endpoints, region: self.region_for(region) };
        let fetched = self.own.get(|| fetch(&chosen.source, means)).await;
        fetched.map_err(|problem| format!("{}: {problem}", chosen.name))
    }

    /// Who the target's own credentials are.
    pub(crate) async fn identity(&self, sender: &Sender, region: &str) -> Result<Arc<Identity>, String> {
        let own = self.own(sender, region).await?;
        let region = self.region_for(region);
        self.identity.get(|| sts::caller_identity(sender, &self.endpoints, region, &own)).await
    }

    /// What requests to a region are signed with for an account; the target's own where none is named.
    pub(crate) async fn credentials(
        &self,
        sender: &Sender,
        account: &str,
        region: &str,
    ) -> Result<Arc<Credentials>, String> {
        let own = self.own(sender, region).await?;
        if account.is_empty() || self.identity(sender, region).await?.account == account {
            return Ok(own);
        }
        let name = self.role_for(sender, &own, account, region).await?;
        let role = Role {
            arn: format!("arn:{}:iam::{account}:role/{name}", partition(region)),
            external_id: self.settings.external_id.clone(),
            session_name: None,
            duration_seconds: None,
        };
        let kept = Arc::clone(self.roles.lock().await.entry(account.to_owned()).or_default());
        let region = self.region_for(region);
        kept.get(|| sts::assume_role(sender, &self.endpoints, region, &own, &role)).await
    }

    /// The role for an account that the target may look into.
    async fn role_for(&self, sender: &Sender, own: &Credentials, account: &str, region: &str) -> Result<&str, String> {
        let is_named = self.settings.accounts.iter().any(|named| named == account);
        if !is_named {
            let is_listed = self.settings.organization
                && self.organization.get(|| self.list_accounts(sender, own, region)).await?.contains(account);
            if !is_listed {
                return Err(format!("the account {account} is none that the target names"));
            }
        }
        self.settings.role.as_deref().ok_or_else(|| format!("the target names no role for the account {account}"))
    }

    /// The active accounts of the organization.
    async fn list_accounts(
        &self,
        sender: &Sender,
        own: &Credentials,
        region: &str,
    ) -> Result<BTreeSet<String>, String> {
        // Organizations has one home in each partition.
        let home = match partition(region) {
            "aws-cn" => "cn-northwest-1",
            "aws-us-gov" => "us-gov-west-1",
            "aws-eusc" => "eusc-de-east-1",
            _ => "us-east-1",
        };
        let mut accounts = BTreeSet::new();
        let mut token: Option<String> = None;
        for _ in 0..ACCOUNT_PAGES {
            let call = Call {
                method: Method::Post,
                url: self.endpoints.regional("organizations", home)?,
                headers: vec![
                    ("content-type".to_owned(), "application/x-amz-json-1.1".to_owned()),
                    ("x-amz-target".to_owned(), "AWSOrganizationsV20161128.ListAccounts".to_owned()),
                ],
                body: serde_json::json!(token.iter().map(|token| ("NextToken", token)).collect::<HashMap<_, _>>())
                    .to_string()
                    .into_bytes(),
                service: "organizations",
                region: home.to_owned(),
                account: String::new(),
                writes: false,
            };
            let failed =
                |problem: String| format!("the accounts of the organization (organizations:ListAccounts): {problem}");
            let answer = sender.send(&call, Some(own)).await.map_err(|error| failed(error.to_string()))?;
            if answer.status != 200 {
                return Err(failed(format!("{} {}", answer.status, error_code(&answer))));
            }
            let page: Page = serde_json::from_slice(&answer.body).map_err(|error| failed(error.to_string()))?;
            accounts.extend(page.accounts.into_iter().filter(|known| known.status == "ACTIVE").map(|known| known.id));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(accounts);
            }
        }
        Err(format!("the list of the organization's accounts has more than {ACCOUNT_PAGES} pages"))
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    accounts: Vec<Known>,
    next_token: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Known {
    id: String,
    status: String,
}
