//! Which accounts, regions and services are to be read: one task each.

use plumbline::http::Client;
use plumbline::provider::{Error, KindGap, Target, Task, read_document, write_document};
use serde_json::{Value as Json, json};

use crate::answer::Failure;
use crate::api::{Api, Partition, Protocol, Site};
use crate::call::{Call, Given};
use crate::kind::Service;
use crate::request::Caller;
use crate::services::{SERVICES, elsewhere};
use crate::session::Session;
use crate::value;

const STS: Api = Api::regional("sts", Protocol::Query("2011-06-15"));
const EC2: Api = Api::regional("ec2", Protocol::Ec2("2016-11-15"));
const ORGANIZATIONS: Api = Api::global(
    "organizations",
    Protocol::Json("1.1", "AWSOrganizationsV20161128"),
    &[
        (Partition::Commercial, Site { host: "organizations.us-east-1.amazonaws.com", region: "us-east-1" }),
        (Partition::China, Site { host: "organizations.cn-northwest-1.amazonaws.com.cn", region: "cn-northwest-1" }),
        (Partition::UsGov, Site { host: "organizations.us-gov-west-1.amazonaws.com", region: "us-gov-west-1" }),
    ],
);

const IDENTITY: Call = STS.call("GetCallerIdentity");
/// Without those that the account has not opted into.
const REGIONS: Call = EC2.call("DescribeRegions").given(&[("AllRegions", Given::Flag(false))]).items("regionInfo.item");
const ACCOUNTS: Call = ORGANIZATIONS.call("ListAccounts").items("Accounts").paged("NextToken", "NextToken");

/// What planning may ask.
pub const CALLS: [Call; 3] = [IDENTITY, REGIONS, ACCOUNTS];

/// The target's settings that concern the plugin; what else there is concerns the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub accounts: Vec<String>,
    pub organization: bool,
    pub partition: Option<Partition>,
    pub preflight: bool,
}

/// JSON Schema of the settings.
pub const SETTINGS_SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "accounts": {
      "type": "array",
      "items": {"type": "string", "pattern": "^[0-9]{12}$"},
      "default": [],
      "description": "the accounts to read; empty means the one that the credentials are of"
    },
    "organization": {
      "type": "boolean",
      "default": false,
      "description": "read every active account of the organization; the credentials must be of its management account or of a delegated administrator"
    },
    "role": {
      "type": "string",
      "description": "the role that the host takes in accounts other than its own"
    },
    "regions": {
      "type": "array",
      "items": {"type": "string"},
      "default": [],
      "description": "the regions to read where a scan does not ask for others; empty means all that are enabled"
    },
    "partition": {
      "enum": ["aws", "aws-cn", "aws-us-gov"],
      "description": "where no region says it; aws if it is not given"
    },
    "preflight": {
      "type": "boolean",
      "default": false,
      "description": "try each call once and tell which are allowed, instead of reading resources"
    }
  }
}"#;

impl Settings {
    pub fn of(target: &Target) -> Result<Settings, Error> {
        let document = read_document(&target.settings)?;
        let wrong = |what: &str| Err(Error::Invalid(format!("target '{}': {what}", target.name)));
        let mut settings = Settings::default();
        match document.get("accounts") {
            None | Some(Json::Null) => {}
            Some(Json::Array(accounts)) if accounts.iter().all(is_account) => {
                settings.accounts = accounts.iter().filter_map(Json::as_str).map(str::to_owned).collect();
            }
            Some(_) => return wrong("`accounts` must be a list of account ids of twelve digits, as text"),
        }
        match document.get("organization") {
            None | Some(Json::Null) => {}
            Some(Json::Bool(organization)) => settings.organization = *organization,
            Some(_) => return wrong("`organization` must be true or false"),
        }
        // Which they are the host has read: it hands over the regions of a scan.
        match document.get("regions") {
            None | Some(Json::Null) => {}
            Some(Json::Array(regions)) if regions.iter().all(Json::is_string) => {}
            Some(_) => return wrong("`regions` must be a list of names of regions"),
        }
        match document.get("preflight") {
            None | Some(Json::Null) => {}
            Some(Json::Bool(preflight)) => settings.preflight = *preflight,
            Some(_) => return wrong("`preflight` must be true or false"),
        }
        if let Some(name) = document.get("partition").filter(|name| !name.is_null()) {
            settings.partition = Partition::ALL.into_iter().find(|partition| *name == partition.as_str());
            if settings.partition.is_none() {
                return wrong("`partition` must be aws, aws-cn or aws-us-gov");
            }
        }
        Ok(settings)
    }
}

fn is_account(value: &Json) -> bool {
    value.as_str().is_some_and(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What a task is given back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    pub partition: Partition,
    /// As the host signs for it: empty for the account that the credentials are of.
    pub sign_as: String,
    /// What planning could not see, for the task to report. Such a task does nothing else.
    pub gaps: Vec<KindGap>,
    /// In a preflight, the IAM actions of what planning asked and got; the task tells them, and does nothing else.
    pub allowed: Vec<String>,
}

impl Payload {
    fn write(&self) -> Json {
        let gap = |gap: &KindGap| json!({"kind": gap.kind, "region": gap.region, "reason": gap.reason, "permission": gap.permission});
        let gaps: Vec<Json> = self.gaps.iter().map(gap).collect();
        json!({"partition": self.partition.as_str(), "sign_as": self.sign_as, "gaps": gaps, "allowed": self.allowed})
    }

    pub fn of(task: &Task) -> Result<Payload, Error> {
        let document = read_document(&task.payload)?;
        let text = |value: &Json, name: &str| value::text(value, name).unwrap_or_default();
        let partition = text(&document, "partition");
        let partition = Partition::ALL.into_iter().find(|known| known.as_str() == partition);
        let gaps = value::all(&document, "gaps").into_iter().map(|gap| KindGap {
            kind: text(gap, "kind"),
            region: text(gap, "region"),
            reason: text(gap, "reason"),
            permission: value::text(gap, "permission"),
        });
        Ok(Payload {
            partition: partition.ok_or_else(|| Error::Invalid(format!("task '{}' has a broken payload", task.id)))?,
            sign_as: text(&document, "sign_as"),
            gaps: gaps.collect(),
            allowed: value::all(&document, "allowed")
                .iter()
                .filter_map(|text| text.as_str())
                .map(str::to_owned)
                .collect(),
        })
    }
}

/// The services asked for; none for all. Where there are kinds, these say it: a check of one service may look at another one.
fn services(target: &Target) -> &[String] {
    if target.kinds.is_empty() { &target.services } else { &[] }
}

/// The tasks of a target: global services first, then region by region.
pub fn plan(client: &dyn Client, target: &Target) -> Result<Vec<Task>, Error> {
    let settings = Settings::of(target)?;
    let first = target.regions.first().map(|region| Partition::of_region(region));
    let partition = first.or(settings.partition).unwrap_or_default();
    if let Some(other) = target.regions.iter().find(|region| Partition::of_region(region) != partition) {
        let name = partition.as_str();
        return Err(Error::Invalid(format!("the region {other} is not of the partition {name}, as the others are")));
    }
    if let Some(unknown) = services(target).iter().find(|name| !SERVICES.iter().any(|service| service.name == **name)) {
        let known: Vec<&str> = SERVICES.iter().map(|service| service.name).collect();
        return Err(Error::Invalid(format!("no service is called '{unknown}'; known are {}", known.join(", "))));
    }
    let planner = Planner { client, target, partition, preflight: settings.preflight };
    let session = planner.session("");
    let (identity, regions) = if settings.organization || !settings.accounts.is_empty() {
        (session.list(&IDENTITY), None)
    } else {
        // Both are wanted, and neither rests on the other.
        let [identity, regions] = session.lists([&IDENTITY, &REGIONS]);
        (identity, Some(regions))
    };
    let own = own_account(identity)?;
    let mut allowed = vec![IDENTITY.permission()];
    let accounts = if settings.organization {
        allowed.push(ACCOUNTS.permission());
        planner.organization()?
    } else if settings.accounts.is_empty() {
        vec![own.clone()]
    } else {
        settings.accounts
    };
    let mut tasks = Vec::new();
    if planner.preflight {
        let payload = Payload { allowed, ..planner.payload("") };
        tasks.push(Planner::task("preflight", &own, "", Vec::new(), &payload));
    }
    let mut regions = regions;
    for account in accounts {
        let sign_as = if account == own { "" } else { &account };
        let regions = regions.take().unwrap_or_else(|| planner.session(sign_as).list(&REGIONS));
        planner.account(&account, sign_as, regions, &mut tasks);
    }
    Ok(tasks)
}

/// The account of the credentials: without it nothing can be named.
fn own_account(identity: Result<Vec<Json>, Failure>) -> Result<String, Error> {
    let identity = identity.map_err(|failure| Error::Denied(failure.reason))?;
    let account = identity.first().and_then(|identity| value::text(identity, "Account"));
    account.ok_or_else(|| Error::Unavailable("GetCallerIdentity names no account".to_owned()))
}

struct Planner<'a> {
    client: &'a dyn Client,
    target: &'a Target,
    partition: Partition,
    preflight: bool,
}

impl Planner<'_> {
    /// Any region that is asked for, else one that every account has.
    fn home(&self) -> &str {
        self.target.regions.first().map_or(self.partition.first_region(), String::as_str)
    }

    fn session<'a>(&'a self, sign_as: &'a str) -> Session<'a> {
        let caller = Caller { partition: self.partition, account: "", sign_as, region: self.home() };
        Session { client: self.client, caller }
    }

    /// The active accounts of the organization.
    fn organization(&self) -> Result<Vec<String>, Error> {
        let accounts = self.session("").list(&ACCOUNTS).map_err(|failure| Error::Denied(failure.reason))?;
        let active = accounts.iter().filter(|account| value::is(account, "Status", "ACTIVE"));
        let mut ids: Vec<String> = active.filter_map(|account| value::text(account, "Id")).collect();
        ids.sort();
        Ok(ids)
    }

    /// The tasks of an account whose regions are these.
    fn account(&self, account: &str, sign_as: &str, regions: Result<Vec<Json>, Failure>, tasks: &mut Vec<Task>) {
        let mut gaps = self.unread_kinds();
        let mut allowed = Vec::new();
        let regions = match regions {
            Ok(items) => {
                let mut enabled: Vec<String> =
                    items.iter().filter_map(|item| value::text(item, "regionName")).collect();
                enabled.sort();
                allowed.extend(self.preflight.then(|| REGIONS.permission()));
                for asked in self.target.regions.iter().filter(|asked| !enabled.contains(asked)) {
                    let reason = format!("the region {asked} is not enabled in account {account}");
                    gaps.push(KindGap { region: asked.clone(), reason, ..KindGap::default() });
                }
                enabled.retain(|region| self.target.regions.is_empty() || self.target.regions.contains(region));
                enabled
            }
            Err(Failure { reason, permission }) if self.target.regions.is_empty() => {
                let reason = format!("{reason}; only the regions that every account has are read");
                gaps.push(KindGap { reason, permission, ..KindGap::default() });
                self.partition.default_regions().iter().map(|region| (*region).to_owned()).collect()
            }
            // The regions were asked for by name: whoever has them not enabled gets a gap from each of their calls.
            Err(_) => self.target.regions.clone(),
        };
        if !gaps.is_empty() || !allowed.is_empty() {
            let payload = Payload { gaps, allowed, ..self.payload(sign_as) };
            tasks.push(Planner::task("account", account, "", Vec::new(), &payload));
        }
        for service in SERVICES.iter().filter(|service| self.is_wanted(service)) {
            let kinds = self.kinds(service);
            if kinds.is_empty() {
                continue;
            }
            let none = [String::new()];
            for region in if service.global { &none } else { regions.as_slice() } {
                tasks.push(Planner::task(service.name, account, region, kinds.clone(), &self.payload(sign_as)));
            }
        }
    }

    fn payload(&self, sign_as: &str) -> Payload {
        Payload { partition: self.partition, sign_as: sign_as.to_owned(), ..Payload::default() }
    }

    fn task(service: &str, account: &str, region: &str, kinds: Vec<String>, payload: &Payload) -> Task {
        let place = if region.is_empty() { "global" } else { region };
        Task {
            id: format!("{account}/{place}/{service}"),
            service: service.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            kinds,
            payload: write_document(&payload.write()),
        }
    }

    fn is_wanted(&self, service: &Service) -> bool {
        let services = services(self.target);
        services.is_empty() || services.iter().any(|name| name == service.name)
    }

    /// The kinds of a service that are wanted.
    fn kinds(&self, service: &Service) -> Vec<String> {
        let all = service.listings.iter().flat_map(|listing| listing.kinds).map(|kind| kind.kind.to_owned());
        let mut kinds: Vec<String> =
            all.filter(|kind| self.target.kinds.is_empty() || self.target.kinds.contains(kind)).collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// Wanted kinds of AWS that no service here reads, so that their absence proves nothing.
    fn unread_kinds(&self) -> Vec<KindGap> {
        let known = |kind: &str| {
            SERVICES
                .iter()
                .flat_map(|service| service.listings)
                .flat_map(|listing| listing.kinds)
                .any(|of| of.kind == kind)
        };
        let of_aws = self.target.kinds.iter().filter(|kind| kind.starts_with("aws_"));
        let unread = of_aws.filter(|kind| !known(kind) && !elsewhere::is_told(kind));
        unread
            .map(|kind| KindGap {
                kind: kind.clone(),
                reason: format!("{kind} is not read from live accounts"),
                ..KindGap::default()
            })
            .collect()
    }
}
