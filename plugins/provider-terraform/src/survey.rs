//! The walks over a file before anything is reported: what kind of document it is, which resources fold into which, and what a
//! plan says beside the values. A broken end of the file could hide a setting of any resource before it.
//!
//! The first walk keeps the satellites; where there are any, the second one keeps the resources that these name. What is held
//! grows with the settings that stand as resources of their own, not with the file.

use plumbline::provider::Error;
use serde::de::MapAccess;

use crate::budget::Budget;
use crate::changes::{self, ChangeList};
use crate::complete::Planned;
use crate::configuration::ConfigurationKeys;
use crate::fold::{folds, parent_kind, wanted_of};
use crate::format::{Format, Header};
use crate::instance::{Instance, Sink, Wanted};
use crate::instances::walk_instances;
use crate::matching::{Brought, gather};
use crate::parents::Parents;
use crate::reading::{Reading, walk_file};
use crate::satellites::Satellites;
use crate::source::Source;
use crate::walk::{Keys, Walk, WalkList};
use crate::{defaults, show, state};

/// What is known of a file before its resources are reported.
#[derive(Debug)]
pub struct Survey {
    pub header: Header,
    pub format: Format,
    pub planned: Planned,
    pub brought: Brought,
    /// What may still be held.
    pub budget: Budget,
}

/// Walks a file once, and once more where it has satellites.
pub fn survey(source: &dyn Source, name: &str) -> Result<Survey, Error> {
    let reading = Reading::default();
    let mut document = Document {
        reading: &reading,
        budget: Budget::default(),
        header: Header::default(),
        satellites: Satellites::default(),
        planned: Planned::default(),
    };
    let walked = walk_file(source, name, &reading, &mut document);
    let Document { mut budget, header, mut satellites, planned, .. } = document;
    // What is no Terraform document at all should be called that, not a Terraform document with a mistake in it.
    if let (Err(Error::Invalid(reason)), false) = (&walked, header.looks_like_terraform()) {
        return Err(Error::Invalid(format!("this is no Terraform state and no plan in JSON: {reason}")));
    }
    walked?;
    let format = header.format()?;
    for former in &planned.changes.former {
        satellites.expect_parents(&former.address.kind, &former.values, &mut budget)?;
    }
    let mut parents = Parents::default();
    if !satellites.parents.is_empty() {
        let (satellites, parents) = (&satellites, &mut parents);
        walk_instances(source, name, format, &mut Names { format, satellites, parents, budget: &mut budget })?;
        parents.sort();
    }
    let brought = gather(satellites, &parents, &planned, &mut budget)?;
    Ok(Survey { header, format, planned, brought, budget })
}

struct Document<'a> {
    reading: &'a Reading,
    budget: Budget,
    header: Header,
    satellites: Satellites,
    planned: Planned,
}

impl<'de> Keys<'de> for Document<'_> {
    const WHAT: &'static str = "a Terraform state or plan";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.reading.begin_value();
        if !self.header.note_key(key) {
            return Err(serde::de::Error::custom(format_args!("the key `{key}` stands twice")));
        }
        let (reading, budget, planned) = (self.reading, &mut self.budget, &mut self.planned);
        match key {
            "resources" => {
                let sink = &mut Folding { satellites: &mut self.satellites, budget };
                map.next_value_seed(WalkList(&mut state::Resources { reading, sink }))
            }
            "values" | "planned_values" => {
                let sink = &mut Folding { satellites: &mut self.satellites, budget };
                map.next_value_seed(Walk(&mut show::Values { reading, sink }))
            }
            "resource_changes" => {
                changes::walk(map, ChangeList { reading, changes: &mut planned.changes, budget, folds })
            }
            "configuration" => {
                let configuration = &mut planned.configuration;
                map.next_value_seed(Walk(&mut ConfigurationKeys { reading, budget, keeps, configuration }))
            }
            "version" | "format_version" | "complete" | "errored" => {
                self.header.note_value(key, map.next_value()?);
                Ok(())
            }
            _ => reading.skip(map),
        }
    }
}

/// Whether what is written of a kind matters.
fn keeps(kind: &str) -> bool {
    folds(kind) || defaults::has(kind)
}

/// Keeps the satellites.
struct Folding<'a> {
    satellites: &'a mut Satellites,
    budget: &'a mut Budget,
}

impl Sink for Folding<'_> {
    fn wanted(&self, kind: &str) -> Wanted {
        if folds(kind) { Wanted::Everything } else { Wanted::Nothing }
    }

    fn take(&mut self, instance: Instance) -> Result<(), Error> {
        // Its kind may have stood after its values.
        if folds(&instance.address.kind) { self.satellites.add(instance, self.budget) } else { Ok(()) }
    }
}

/// Keeps what the satellites name.
struct Names<'a> {
    format: Format,
    satellites: &'a Satellites,
    parents: &'a mut Parents,
    budget: &'a mut Budget,
}

impl Sink for Names<'_> {
    fn wanted(&self, kind: &str) -> Wanted {
        match parent_kind(kind) {
            None => Wanted::Nothing,
            Some(kind) if self.satellites.parents.contains(kind) => Wanted::Only(wanted_of(kind)),
            Some(_) => Wanted::Only(&[]),
        }
    }

    fn take(&mut self, instance: Instance) -> Result<(), Error> {
        if parent_kind(&instance.address.kind).is_none() {
            return Ok(());
        }
        self.parents.add(instance, self.satellites, self.format == Format::Plan, self.budget)
    }
}
