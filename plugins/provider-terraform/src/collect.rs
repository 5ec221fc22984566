//! The second walk over a file: every resource, with its settings folded in, goes out as soon as it is read.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use plumbline::log;
use plumbline::provider::{Error, Inventory};
use serde::de::MapAccess;

use crate::complete::{Completed, Planned};
use crate::fold::iam::adopt_managed_policies;
use crate::format::Format;
use crate::identity::found;
use crate::instance::{Instance, Sink, Wanted};
use crate::matching::{Brought, gather};
use crate::planning::Settings;
use crate::reading::{Reading, walk_file};
use crate::sniff::{HEAD_BYTES, refusal};
use crate::source::Source;
use crate::survey::{Survey, survey};
use crate::walk::{Keys, Walk, WalkList};
use crate::{show, state};

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
    let (Survey { header, parents, satellites, planned }, format) = survey(source, name)?;
    if let Some(shortfall) = header.shortfall() {
        inventory.report_gap("", "", shortfall);
    }
    let brought = gather(satellites, &parents, &planned);
    drop(parents);
    let reading = Reading::default();
    let sink =
        Emitter { name, settings, regions, planned: &planned, brought: &brought, seen: HashSet::new(), inventory };
    let mut document = Document { reading: &reading, format, sink };
    walk_file(source, name, &reading, &mut document)?;
    let count = document.sink.seen.len();
    if format == Format::Plan && count > 0 && !header.has("resource_changes") {
        let reason = "the plan has no `resource_changes`, so what is known only after apply looks the same as what is not \
                      set; scan the whole output of `terraform show -json`";
        document.sink.inventory.report_gap("", "", reason);
    }
    log::info(&format!("{name}: {count} resources, {} of them told as settings of others", brought.told.len()));
    Ok(())
}

struct Document<'a> {
    reading: &'a Reading,
    format: Format,
    sink: Emitter<'a>,
}

impl<'de> Keys<'de> for Document<'_> {
    const WHAT: &'static str = "a Terraform state or plan";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let (reading, sink) = (self.reading, &mut self.sink);
        reading.begin_value();
        match (self.format, key) {
            (Format::State, "resources") => map.next_value_seed(WalkList(&mut state::Resources { reading, sink })),
            (Format::Show, "values") | (Format::Plan, "planned_values") => {
                map.next_value_seed(Walk(&mut show::Values { reading, sink }))
            }
            _ => reading.skip(map),
        }
    }
}

struct Emitter<'a> {
    name: &'a str,
    settings: &'a Settings,
    regions: &'a [String],
    planned: &'a Planned,
    brought: &'a Brought,
    /// Hashes of the addresses so far: an address that stands twice would make two resources of one id.
    seen: HashSet<u64>,
    inventory: &'a mut dyn Inventory,
}

impl Sink for Emitter<'_> {
    fn wanted(&self, _: &str) -> Wanted {
        Wanted::Everything
    }

    fn take(&mut self, instance: Instance) -> Result<(), Error> {
        let address = instance.address.to_string();
        let mut hasher = DefaultHasher::new();
        address.hash(&mut hasher);
        if !self.seen.insert(hasher.finish()) {
            return Err(Error::Invalid(format!("the resource {address} stands twice in the file")));
        }
        if self.brought.told.contains(&instance.address) {
            return Ok(());
        }
        let mut completed = Completed::of(instance, self.planned);
        self.brought.join(&mut completed);
        if completed.address.kind == "aws_iam_role" {
            adopt_managed_policies(&mut completed.config, &mut completed.gaps);
        }
        let found = found(self.settings.id(self.name, &address), completed, self.planned);
        let is_elsewhere =
            !self.regions.is_empty() && !found.region.is_empty() && !self.regions.contains(&found.region);
        if is_elsewhere { Ok(()) } else { self.inventory.emit(&found) }
    }
}
