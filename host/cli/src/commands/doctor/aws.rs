//! `plumb doctor aws`: who a scan would be, which rights it needs, and which of them are missing.

use std::collections::BTreeMap;
use std::sync::Arc;

use plumb_egress::{Aws, Environment, Options};
use plumb_engine::clock::SystemClock;
use plumb_engine::preflight::{Preflight, Tried};
use plumb_engine::request::{ScanRequest, Selection};
use plumb_engine::scan::Engine;
use plumb_store::Ledger;
use serde_json::{Value as Json, json};

use crate::arguments::Common;
use crate::arguments::cloud::{DoctorAws, DoctorFormat};
use crate::egress::Source;
use crate::exit::Exit;
use crate::{context, print};

/// Places that a row of the table names; the JSON has all.
const PLACES: usize = 3;

pub(super) async fn run(common: &Common, arguments: &DoctorAws) -> anyhow::Result<Exit> {
    let library = context::library(common).await?;
    let target = arguments.accounts.target("aws");
    let options = Options {
        credentials: target.credentials.as_ref(),
        environment: Environment::of_process(),
        ..Options::default()
    };
    let identity = match Aws::open(options) {
        Ok(aws) => aws.identity().await,
        Err(problem) => Err(problem),
    };
    let request = ScanRequest {
        targets: vec![target],
        selection: Selection {
            frameworks: arguments.framework.clone(),
            checks: arguments.check.clone(),
            regions: arguments.region.clone(),
            services: arguments.service.clone(),
            ..Selection::default()
        },
        ..ScanRequest::default()
    };
    // Nothing is recorded, so the ledger of the machine stays as it is, and may be in use.
    let ledger = Arc::new(Ledger::memory()?);
    let engine = Engine::new(ledger, library, Arc::new(SystemClock)).with_egress(Source::new());
    let mut problems = Vec::new();
    let identity = match identity {
        Ok(identity) => {
            eprintln!("ok       credentials: {}", print::plain(&identity.arn));
            Some(identity.arn)
        }
        Err(problem) => {
            eprintln!("PROBLEM  credentials: {}", print::plain(&problem));
            problems.push(problem);
            None
        }
    };
    let found = if identity.is_some() {
        engine.preflight(&request).await?
    } else {
        Preflight { rights: engine.rights(&request).await?, problems }
    };
    let told = Told { identity, found };
    match arguments.output {
        DoctorFormat::Table => told.table()?,
        DoctorFormat::Json => print::json(&told.json())?,
        DoctorFormat::Policy => print::json(&told.policy())?,
    }
    Ok(told.exit())
}

struct Told {
    identity: Option<String>,
    found: Preflight,
}

/// How a right fared, in one word.
fn result(tried: &Tried) -> &'static str {
    match (tried.denied.is_empty(), tried.failed.is_empty(), tried.allowed.is_empty()) {
        (false, ..) => "denied",
        (_, false, _) => "failed",
        (_, _, false) => "allowed",
        (true, true, true) => "not tried",
    }
}

impl Told {
    /// As of a scan: what it could not see makes it incomplete.
    fn exit(&self) -> Exit {
        let is_well = |tried: &Tried| tried.denied.is_empty() && tried.failed.is_empty();
        if self.identity.is_none() {
            Exit::Failure
        } else if self.found.problems.is_empty() && self.found.rights.values().all(is_well) {
            Exit::Success
        } else {
            Exit::Incomplete
        }
    }

    fn policy(&self) -> Json {
        let actions: Vec<&str> = self.found.actions().collect();
        let statement = json!({"Sid": "PlumbReads", "Effect": "Allow", "Action": actions, "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": [statement]})
    }

    fn json(&self) -> Json {
        let places = |places: &BTreeMap<String, String>| -> Vec<Json> {
            places.iter().map(|(place, reason)| json!({"place": place, "reason": reason})).collect()
        };
        let rights: Vec<Json> = self
            .found
            .rights
            .iter()
            .map(|(action, tried)| {
                json!({
                    "action": action,
                    "result": result(tried),
                    "allowed": tried.allowed,
                    "denied": places(&tried.denied),
                    "failed": places(&tried.failed),
                })
            })
            .collect();
        json!({
            "identity": self.identity,
            "rights": rights,
            "problems": self.found.problems,
            "policy": self.policy(),
        })
    }

    /// What is not well one by one, the rest in a line each, then the policy.
    fn table(&self) -> anyhow::Result<()> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut table = print::table(&["ACTION", "RESULT", "WHERE", "WHY"]);
        for (action, tried) in &self.found.rights {
            let result = result(tried);
            *counts.entry(result).or_default() += 1;
            let all = tried.denied.iter().chain(&tried.failed);
            let Some((_, why)) = all.clone().next() else { continue };
            let mut places: Vec<&str> = all.map(|(place, _)| place.as_str()).collect();
            let further = places.split_off(places.len().min(PLACES)).len();
            let names = places.join(", ");
            let place = if further == 0 { names } else { format!("{names} and {further} more") };
            table.add_row([print::plain(action), result.to_owned(), print::plain(&place), print::plain(why)]);
        }
        if !table.is_empty() {
            print::out(&table.to_string())?;
        }
        let of = |result: &str| counts.get(result).copied().unwrap_or_default();
        print::out(&format!(
            "{} allowed, {} denied, {} failed, {} not tried: there is nothing to try them on",
            of("allowed"),
            of("denied"),
            of("failed"),
            of("not tried")
        ))?;
        for problem in &self.found.problems {
            print::out(&format!("PROBLEM  {}", print::plain(problem)))?;
        }
        print::out("The least policy that the chosen checks need (`-o policy` prints it alone):")?;
        print::json(&self.policy())
    }
}
