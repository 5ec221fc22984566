//! Administration from the machine itself: what `plumb token`, `plumb tenant` and `plumb schedule` ask, whether they have the ledger open or a server
//! has. Everything that changes something is committed with an entry in the audit log of the tenant it changes.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use plumb_engine::schedule::Scheduler;
use plumb_model::access::{Actor, AuditEvent, Grant};
use plumb_model::schedule::Schedule;
use plumb_model::tenant::{DEFAULT, TenantId};
use plumb_store::{Ledger, Numbered, PendingEntry};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::administration::{AdministrationError, NewTenant, NewToken, create_tenant, create_token, find_token};
use crate::time::now;
use crate::token::TokenKey;
use crate::v1::schedules::body::NewSchedule;
use crate::v1::schedules::view::ScheduleAnswer;
use crate::v1::tenants::TenantView;
use crate::v1::tokens::TokenView;
use crate::views::uuid;

/// A command and what it is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum AdminCommand {
    TokenCreate {
        /// By name.
        tenant: String,
        name: String,
        role: Option<String>,
        scopes: Vec<String>,
        /// From now.
        expires_in_seconds: Option<i64>,
    },
    /// Of all tenants, or of one by name.
    TokenList {
        tenant: Option<String>,
    },
    /// By id, the beginning of it, or the token's first characters.
    TokenRevoke {
        token: String,
    },
    TenantCreate {
        name: String,
        retention_days: Option<u32>,
        max_concurrent_scans: Option<u32>,
    },
    TenantList {},
    /// The body that `POST /v1/scans/schedules` takes.
    ScheduleCreate {
        tenant: String,
        schedule: Value,
    },
    ScheduleList {
        tenant: String,
    },
    /// By id, number or name, as in the next.
    ScheduleSwitch {
        tenant: String,
        schedule: String,
        enabled: bool,
    },
    ScheduleDelete {
        tenant: String,
        schedule: String,
    },
    /// Writes a copy of the ledger to a file that is not there; a whole path, since the server stands elsewhere.
    Backup {
        file: PathBuf,
    },
}

/// What a running server is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// What can be done by whoever has the ledger open.
    Administer(AdminCommand),
    /// What only somebody can do who runs scans.
    RunSchedule { tenant: String, schedule: String },
}

impl From<AdminCommand> for Question {
    fn from(command: AdminCommand) -> Question {
        Question::Administer(command)
    }
}

/// Does it. What is made or listed has the form that the API gives it; a new token stands in `token`.
pub fn perform(ledger: &Ledger, key: &TokenKey, command: &AdminCommand) -> Result<Value, AdministrationError> {
    match command {
        AdminCommand::TokenCreate { tenant, name, role, scopes, expires_in_seconds } => {
            let tenant = tenant_named(ledger, tenant)?;
            let grant = match role {
                Some(role) if scopes.is_empty() => role.parse().map(Grant::Role),
                Some(_) => Err("give a role or scopes, not both".to_owned()),
                None => scopes.iter().map(|scope| scope.parse()).collect::<Result<_, String>>().map(Grant::Scopes),
            };
            let expires_at = expires_in_seconds.map(later).transpose()?;
            let grant = grant.map_err(AdministrationError::Grant)?;
            let id = *uuid::Uuid::now_v7().as_bytes();
            let ledger = noting(ledger, tenant, "token create", uuid(id));
            let new = NewToken { id, tenant, name: name.clone(), grant, expires_at };
            let (token, text) = create_token(&ledger, key, &new)?;
            Ok(json!({"token": text.as_str(), "about": TokenView::from(&token)}))
        }
        AdminCommand::TokenList { tenant } => {
            let tenants = match tenant {
                Some(name) => {
                    let id = tenant_named(ledger, name)?;
                    ledger.tenant(&id)?.into_iter().collect()
                }
                None => ledger.tenants()?,
            };
            let mut tokens = Vec::new();
            for tenant in tenants {
                let (found, _) = ledger.tokens(&tenant.id, 0, usize::MAX)?;
                tokens
                    .extend(found.iter().map(|token| json!({"tenant": tenant.name, "about": TokenView::from(token)})));
            }
            Ok(Value::Array(tokens))
        }
        AdminCommand::TokenRevoke { token } => {
            let found = find_token(ledger, token)?;
            let ledger = noting(ledger, found.tenant, "token revoke", uuid(found.id));
            let revoked = ledger.revoke_token(&found.tenant, &found.id, &now())?;
            let revoked = revoked.ok_or_else(|| AdministrationError::NoToken(token.clone()))?;
            Ok(json!(TokenView::from(&revoked)))
        }
        AdminCommand::TenantCreate { name, retention_days, max_concurrent_scans } => {
            let (retention_days, max_concurrent_scans) = (*retention_days, *max_concurrent_scans);
            let ledger = noting(ledger, DEFAULT, "tenant create", name.clone());
            let tenant =
                create_tenant(&ledger, &NewTenant { name: name.clone(), retention_days, max_concurrent_scans })?;
            Ok(json!(TenantView::from(&tenant)))
        }
        AdminCommand::ScheduleCreate { tenant, schedule } => {
            let tenant = tenant_named(ledger, tenant)?;
            let wrong = |problem: String| AdministrationError::Schedule(problem);
            let body = NewSchedule::deserialize(schedule).map_err(|error| wrong(error.to_string()))?;
            let (id, channels) = (*uuid::Uuid::now_v7().as_bytes(), ledger.channels(&tenant)?);
            let read = body.read(tenant, id, &channels, Timestamp::now()).map_err(|details| {
                let all: Vec<String> =
                    details.iter().map(|detail| format!("{}: {}", detail.field, detail.message)).collect();
                wrong(all.join("; "))
            })?;
            let made = noting(ledger, tenant, "schedule create", uuid(id)).put_schedule(&read)?;
            Ok(shown(made))
        }
        AdminCommand::ScheduleList { tenant } => {
            let tenant = tenant_named(ledger, tenant)?;
            Ok(ledger.schedules(&tenant)?.into_iter().map(shown).collect())
        }
        AdminCommand::ScheduleSwitch { tenant, schedule, enabled } => {
            let tenant = tenant_named(ledger, tenant)?;
            let known = schedule_named(ledger, &tenant, schedule)?;
            let (id, switched) = (known.id, Schedule { enabled: *enabled, updated_at: now(), ..known });
            let action = if *enabled { "schedule enable" } else { "schedule disable" };
            let stored = noting(ledger, tenant, action, uuid(id)).put_schedule(&switched)?;
            Ok(shown(stored))
        }
        AdminCommand::ScheduleDelete { tenant, schedule } => {
            let tenant = tenant_named(ledger, tenant)?;
            let known = schedule_named(ledger, &tenant, schedule)?;
            noting(ledger, tenant, "schedule delete", uuid(known.id)).delete_schedule(&tenant, &known.id)?;
            Ok(shown(known))
        }
        AdminCommand::Backup { file } => {
            let backup = ledger.backup(file, |_| ())?;
            ledger.append_audit(&event(DEFAULT, "backup", file.display().to_string()))?;
            Ok(json!({"file": file, "records": backup.records, "bytes": backup.bytes}))
        }
        AdminCommand::TenantList {} => {
            Ok(ledger.tenants()?.iter().map(|tenant| json!(TenantView::from(tenant))).collect())
        }
    }
}

/// Has a schedule's scan ordered now. Gives the scan's `id` and `number`, and its place in the queue if it waits.
pub async fn run_schedule(scheduler: &Scheduler, tenant: &str, schedule: &str) -> Result<Value, AdministrationError> {
    let ledger = scheduler.ledger();
    let tenant = tenant_named(ledger, tenant)?;
    let known = schedule_named(ledger, &tenant, schedule)?;
    let entry = PendingEntry::new(event(tenant, "schedule run", uuid(known.id)));
    let ordered = scheduler.noting(entry).run_now(&tenant, &known.id).await;
    let ordered = ordered.map_err(|error| AdministrationError::Schedule(error.to_string()))?;
    let ordered = ordered.ok_or_else(|| AdministrationError::NoSchedule(schedule.to_owned()))?;
    let scan = &ordered.head.scan;
    let place = (ordered.position > 0).then_some(ordered.position);
    Ok(json!({"id": uuid(scan.id), "number": scan.number, "queue_position": place}))
}

fn shown(schedule: Schedule) -> Value {
    json!(ScheduleAnswer::new(schedule, Timestamp::now(), ""))
}

/// By id or number, else by a name that only one has.
fn schedule_named(ledger: &Ledger, tenant: &TenantId, name: &str) -> Result<Schedule, AdministrationError> {
    let id = match name.parse() {
        Ok(number) => ledger.by_number(tenant, Numbered::Schedule, number)?,
        Err(_) => uuid::Uuid::try_parse(name).ok().map(uuid::Uuid::into_bytes),
    };
    if let Some(found) = id.map_or(Ok(None), |id| ledger.schedule(tenant, &id))? {
        return Ok(found);
    }
    let mut named = ledger.schedules(tenant)?.into_iter().filter(|schedule| schedule.name == name);
    match (named.next(), named.next()) {
        (Some(found), None) => Ok(found),
        (Some(_), Some(_)) => Err(AdministrationError::AmbiguousSchedule(name.to_owned())),
        (None, _) => Err(AdministrationError::NoSchedule(name.to_owned())),
    }
}

fn later(seconds: i64) -> Result<Timestamp, AdministrationError> {
    let span = SignedDuration::from_secs(seconds);
    Timestamp::now().checked_add(span).map_err(|_| AdministrationError::FarFuture)
}

fn tenant_named(ledger: &Ledger, name: &str) -> Result<TenantId, AdministrationError> {
    let tenant = ledger.tenant_named(name)?;
    tenant.map(|tenant| tenant.id).ok_or_else(|| AdministrationError::NoTenant(name.to_owned()))
}

/// The ledger whose next write is committed with this entry.
fn noting(ledger: &Ledger, tenant: TenantId, action: &str, object: String) -> Ledger {
    ledger.noting(PendingEntry::new(event(tenant, action, object)))
}

fn event(tenant: TenantId, action: &str, object: String) -> AuditEvent {
    let (action, result) = (action.to_owned(), "done".to_owned());
    AuditEvent { tenant, at: now(), actor: Actor::Cli, action, object, result, request_id: None, count: 1 }
}
