//! `plumb doctor aws`: who a scan would be, and which rights it needs.

use std::collections::BTreeSet;

use anyhow::Context as _;
use plumb_egress::{Aws, Environment, Options};
use plumb_engine::library::Library;
use plumb_model::target::CredentialReference;
use serde_json::json;

use crate::arguments::Common;
use crate::arguments::cloud::DoctorAws;
use crate::exit::Exit;
use crate::{context, print};

pub(super) async fn run(common: &Common, arguments: &DoctorAws) -> anyhow::Result<Exit> {
    let library = context::library(common).await?;
    let actions = actions(&library, arguments).await?;
    let credentials = arguments.profile.clone().map(CredentialReference::Profile);
    let environment = Environment::of_process();
    let options = Options { credentials: credentials.as_ref(), environment, ..Options::default() };
    let identity = match Aws::open(options) {
        Ok(aws) => aws.identity().await,
        Err(problem) => Err(problem),
    };
    let exit = match identity {
        Ok(identity) => {
            eprintln!("ok       credentials: {}", print::plain(&identity.arn));
            Exit::Success
        }
        Err(problem) => {
            eprintln!("PROBLEM  credentials: {}", print::plain(&problem));
            Exit::Failure
        }
    };
    eprintln!("the least policy that the chosen checks need, on standard output:");
    let statement = json!({"Sid": "PlumbReads", "Effect": "Allow", "Action": actions, "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
    print::out(&serde_json::to_string_pretty(&policy)?)?;
    Ok(exit)
}

/// The rights that reading the kinds of the chosen checks takes, as the provider tells them.
async fn actions(library: &Library, arguments: &DoctorAws) -> anyhow::Result<BTreeSet<String>> {
    let mut checks: BTreeSet<&str> = BTreeSet::new();
    for id in &arguments.framework {
        let controls = &library.framework(id)?.controls;
        checks.extend(controls.iter().flat_map(|control| control.checks.iter().map(String::as_str)));
    }
    for id in &arguments.check {
        checks.insert(library.check(id)?.id.as_str());
    }
    let is_all = arguments.framework.is_empty() && arguments.check.is_empty();
    let chosen = library.checks().filter(|check| is_all || checks.contains(check.id.as_str()));
    // Planning asks too, whatever is chosen; its rights stand under the empty kind.
    let kinds: BTreeSet<&str> = chosen.flat_map(|check| &check.kinds).map(String::as_str).chain([""]).collect();
    let info = library.provider("aws")?.provider_info().await?.context("the plugin aws is no provider")?;
    let needed = info.permissions.into_iter().filter(|(kind, _)| kinds.contains(kind.as_str()));
    Ok(needed.flat_map(|(_, actions)| actions).collect())
}
