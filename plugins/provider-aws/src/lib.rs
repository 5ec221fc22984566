//! Reads live AWS accounts, through the host's `http`: it signs, retries and bounds; this crate says what to ask and what the
//! answers mean in Terraform's words.
//!
//! A service is a table in [`services`]: which calls list its resources, which tell more of each of them, and which attribute
//! stands where in the answers. Everything else is common to all. A call that failed is a gap: of the kind where a list is not
//! known, of the attributes that it would have filled where a detail is not known. Which these are follows from the tables,
//! so a table cannot forget them.
//!
//! This crate does no I/O but through a [`Client`](plumbline::http::Client), and knows no clock, no environment and no
//! credential. It asks only for what reading takes; what would change something it gives to the host as a plan.
//!
//! The modules in reading order: [`value`] walks answers, [`xml`] makes the same structure of those in XML; [`api`] is where a
//! service is and how it is spoken to, [`call`] one operation, [`field`] one attribute, [`kind`] a kind of resource and how it is
//! found; [`request`] and [`answer`] are the wire, [`session`] asks page by page, [`tagging`] for tags, [`batch`] for details; `flow`
//! does all of it side by side, [`mod@collect`] runs a task and emits, [`planning`] makes them, [`permissions`] says which rights they take, [`preflight`] tries which of them are there;
//! [`services`] has the tables; [`remediation`] plans how to mend what checks found.

pub mod answer;
pub mod api;
pub mod batch;
pub mod call;
pub mod collect;
pub mod field;
mod flow;
pub mod kind;
pub mod permissions;
pub mod planning;
pub mod preflight;
pub mod remediation;
pub mod request;
pub mod services;
pub mod session;
pub mod tagging;
pub mod value;
pub mod xml;

use plumbline::http::Host;
use plumbline::provider::{AttributeHint, Error, Info, Inventory, Meaning, Provider, Target, Task};
use plumbline::remediation::{Remediation, Step, Violation};

/// The plugin.
#[derive(Debug)]
pub struct Aws;

impl Provider for Aws {
    fn describe() -> Info {
        Info {
            families: vec!["aws".to_owned()],
            whole_accounts: true,
            attributes: attributes::hints::hints().into_iter().chain(made_by_aws()).collect(),
            permissions: permissions::permissions(),
            settings_schema: planning::SETTINGS_SCHEMA.to_owned(),
        }
    }

    fn plan(target: &Target) -> Result<Vec<Task>, Error> {
        planning::plan(&Host, target)
    }

    fn collect(target: &Target, task: &Task, inventory: &mut dyn Inventory) -> Result<(), Error> {
        collect::collect(&Host, target, task, inventory)
    }
}

/// What AWS makes in every region and with every network, whether or not anybody asked for it
/// (docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html).
const MADE_BY_AWS: [&str; 4] =
    ["aws_default_network_acl", "aws_default_security_group", "aws_default_subnet", "aws_default_vpc"];

fn made_by_aws() -> impl Iterator<Item = AttributeHint> {
    let hint =
        |kind: &str| AttributeHint { kind: kind.to_owned(), path: String::new(), meaning: Meaning::ProviderNoise };
    MADE_BY_AWS.into_iter().map(hint)
}

impl Remediation for Aws {
    fn plan(violation: &Violation) -> Result<Option<Vec<Step>>, Error> {
        remediation::plan(&Host, violation)
    }
}

plumbline::provider_with_remediation!(Aws);
