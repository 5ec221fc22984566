//! The last walk over a file: every resource, with its settings folded in, goes out as soon as it is read.

use plumbline::log;
use plumbline::provider::{Error, Inventory, KindGap};

use crate::address::Address;
use crate::complete::{Completed, Planned};
use crate::fold::iam::adopt_managed_policies;
use crate::fold::{folds, parent_kind};
use crate::format::Format;
use crate::frames::{Pieces, Stop, cut};
use crate::identity::found;
use crate::instance::{Instance, Sink, Wanted};
use crate::instances::{explain, pass, walk_instances};
use crate::matching::{Brought, changed};
use crate::planning::Settings;
use crate::reading::Reading;
use crate::sniff::{HEAD_BYTES, refusal};
use crate::source::Source;
use crate::survey::{Mark, Survey, survey};

/// The host is not asked about longer elements: it takes no more in one call than eight of these.
const SOURCE_BYTES: usize = 4 << 20;

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
    let Survey { header, format, planned, brought, count, marks } = survey(source, name)?;
    if let Some(shortfall) = header.shortfall() {
        inventory.report_gap(KindGap { reason: shortfall.to_owned(), ..KindGap::default() });
    }
    let mut emitter = Emitter {
        name,
        settings,
        regions,
        planned: &planned,
        brought: &brought,
        satellites: 0,
        parents: 0,
        made_from: None,
        inventory,
    };
    match marks {
        None => walk_instances(source, name, format, &mut emitter)?,
        Some(marks) => {
            let reading = Reading::of_whole();
            let mut elements = Elements { reading: &reading, marks: &marks, emitter: &mut emitter };
            cut(source, name, &mut elements).map_err(|stop| explain(source, name, stop))?;
            if !elements.marks.is_empty() {
                return Err(changed());
            }
        }
    }
    brought.check_whole(emitter.satellites, emitter.parents)?;
    if format == Format::Plan && count > 0 && !header.has("resource_changes") {
        let reason = "the plan has no `resource_changes`, so what is known only after apply looks the same as what is not \
                      set; scan the whole output of `terraform show -json`";
        emitter.inventory.report_gap(KindGap { reason: reason.to_owned(), ..KindGap::default() });
    }
    log::info(&format!("{name}: {count} resources, {} of them told as settings of others", brought.told()));
    Ok(())
}

/// Elements of a state's list of resources on their way. What the host knows of an earlier scan is not parsed.
struct Elements<'a, 'b> {
    reading: &'a Reading,
    /// Those of the elements that are still to come.
    marks: &'a [Mark],
    emitter: &'a mut Emitter<'b>,
}

impl Pieces for Elements<'_, '_> {
    fn value(&mut self, _: &str, _: &[u8]) -> Result<(), Stop> {
        Ok(())
    }

    fn elements(&mut self, elements: &[&[u8]]) -> Result<(), Stop> {
        let (marks, rest) = self.marks.split_at_checked(elements.len()).ok_or_else(|| Stop::Failed(changed()))?;
        self.marks = rest;
        let mut ordinal = self.emitter.parents;
        let mut sources = Vec::with_capacity(elements.len());
        for (element, mark) in elements.iter().zip(marks) {
            let next = ordinal + mark.parents as usize;
            // What a resource is made of is in its element alone where nothing folds into it.
            let stands_alone = mark.is_plain && !self.emitter.brought.reaches(ordinal..next);
            sources.push((stands_alone && element.len() <= SOURCE_BYTES).then_some(*element));
            ordinal = next;
        }
        let asked: Vec<&[u8]> = sources.iter().flatten().copied().collect();
        let mut known = self.emitter.inventory.recall(&asked).map_err(Stop::Failed)?.into_iter();
        let mut position = 0;
        for ((element, mark), source) in elements.iter().zip(marks).zip(sources) {
            let is_known = source.is_some() && known.next().unwrap_or(false);
            if is_known {
                self.emitter.parents += mark.parents as usize;
            } else {
                self.emitter.made_from = source.map(|_| position);
                pass(element, self.reading, self.emitter)?;
            }
            position += u32::from(source.is_some());
        }
        self.emitter.made_from = None;
        Ok(())
    }
}

struct Emitter<'a> {
    name: &'a str,
    settings: &'a Settings,
    regions: &'a [String],
    planned: &'a Planned,
    brought: &'a Brought,
    /// How many satellites, and how many resources that others might fold into, there were so far.
    satellites: usize,
    parents: usize,
    /// The source that the next resources are made from, of those that the host was asked about last.
    made_from: Option<u32>,
    inventory: &'a mut dyn Inventory,
}

impl Sink for Emitter<'_> {
    fn wanted(&self, _: &str) -> Wanted {
        Wanted::Everything
    }

    fn take(&mut self, instance: Instance) -> Result<(), Error> {
        let Address { kind, .. } = &instance.address;
        let address = instance.address.to_string();
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
        match self.made_from {
            _ if is_elsewhere => Ok(()),
            Some(source) => self.inventory.emit_from(source, &found),
            None => self.inventory.emit(&found),
        }
    }
}
