//! `plumb remediate`.

mod apply;
mod form;
mod plan;
mod records;

use crate::arguments::Common;
use crate::arguments::remediate::Remediate as Arguments;
use crate::exit::Exit;

pub(crate) async fn run(common: &Common, arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments {
        Arguments::Plan(plan) => plan::run(common, &plan),
        Arguments::Apply(apply) => apply::run(common, *apply).await,
        Arguments::List(list) => records::list(common, &list),
        Arguments::Show { remediation, of, json } => records::show(common, &remediation, &of, json),
    }
}
