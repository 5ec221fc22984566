//! The last walk over a file: every resource, with its settings folded in, goes out as soon as it is read.

use std::collections::HashSet;

use plumbline::log;
use plumbline::provider::{Error, Inventory, KindGap};

use crate::address::Address;
use crate::budget::Budget;
use crate::complete::{Completed, Planned};
use crate::fold::iam::adopt_managed_policies;
use crate::fold::{folds, parent_kind};
use crate::format::Format;
use crate::identity::found;
use crate::instance::{Instance, Sink, Wanted};
use crate::instances::walk_instances;
use crate::matching::Brought;
use crate::planning::Settings;
use crate::sniff::{HEAD_BYTES, refusal};
use crate::source::Source;
use crate::survey::{Survey, survey};

/// What the hash of an address takes in the set of them, which holds twice the room it needs, and once more while it grows.
const SEEN_BYTES: usize = 32;

/// Reads one file and emits what is in it.
pub fn collect(
    source: &dyn Source,
    name: &str,
    settings: &Settings,
    regions: &[String],
    inventory: &mut dyn Inventory,
) -> Result<(), Error> {
    if let Some(refusal) = refusal(&source.read(name, 0, HEAD_BYTES)?) {
        return Err(refusal);
    }
    let Survey { header, format, planned, brought, budget } = survey(source, name)?;
    if let Some(shortfall) = header.shortfall() {
        inventory.report_gap(KindGap { reason: shortfall.to_owned(), ..KindGap::default() });
    }
    let mut emitter = Emitter {
        name,
        settings,
        regions,
        planned: &planned,
        brought: &brought,
        budget,
        seen: HashSet::new(),
        satellites: 0,
        parents: 0,
        inventory,
    };
    walk_instances(source, name, format, &mut emitter)?;
    let count = emitter.seen.len();
    brought.check_whole(emitter.satellites, emitter.parents)?;
    if format == Format::Plan && count > 0 && !header.has("resource_changes") {
        let reason = "the plan has no `resource_changes`, so what is known only after apply looks the same as what is not \
                      set; scan the whole output of `terraform show -json`";
        emitter.inventory.report_gap(KindGap { reason: reason.to_owned(), ..KindGap::default() });
    }
    log::info(&format!("{name}: {count} resources, {} of them told as settings of others", brought.told()));
    Ok(())
}

struct Emitter<'a> {
    name: &'a str,
    settings: &'a Settings,
    regions: &'a [String],
    planned: &'a Planned,
    brought: &'a Brought,
    /// Hashes of the addresses so far: an address that stands twice would make two resources of one id.
    seen: HashSet<u64>,
    budget: Budget,
    /// How many satellites, and how many resources that others might fold into, there were so far.
    satellites: usize,
    parents: usize,
    inventory: &'a mut dyn Inventory,
}

impl Sink for Emitter<'_> {
    fn wanted(&self, _: &str) -> Wanted {
        Wanted::Everything
    }

    fn take(&mut self, instance: Instance) -> Result<(), Error> {
        let Address { kind, .. } = &instance.address;
        let address = instance.address.to_string();
        self.budget.charge(SEEN_BYTES)?;
        if !self.seen.insert(instance.address.seal()) {
            return Err(Error::Invalid(format!("the resource {address} stands twice in the file")));
        }
        let ordinal = self.parents;
        let may_be_parent = parent_kind(kind).is_some();
        self.parents += usize::from(may_be_parent);
        if folds(kind) {
            self.satellites += 1;
            if self.brought.tells(self.satellites - 1, &instance.address)? {
                return Ok(());
            }
        }
        let mut completed = Completed::of(instance, self.planned);
        if may_be_parent {
            self.brought.join(ordinal, &mut completed, self.planned)?;
        }
        if completed.address.kind == "aws_iam_role" {
            adopt_managed_policies(&mut completed.config, &mut completed.gaps);
        }
        let found = found(self.settings.id(self.name, &address), completed, self.planned);
        let is_elsewhere =
            !self.regions.is_empty() && !found.region.is_empty() && !self.regions.contains(&found.region);
        if is_elsewhere { Ok(()) } else { self.inventory.emit(&found) }
    }
}
