//! The walks over a file before anything is reported: what kind of document it is, which resources fold into which, and what a
//! plan says beside the values. A broken end of the file could hide a setting of any resource before it.
//!
//! The first walk keeps the satellites; where there are any, the second one keeps the resources that these name. What is held
//! grows with the settings that stand as resources of their own, not with the file.

use plumbline::provider::Error;
use serde::de::{Deserializer, MapAccess};
use serde_json::Value as Json;

use crate::budget::Budget;
use crate::changes::{self, ChangeList};
use crate::complete::Planned;
use crate::configuration::ConfigurationKeys;
use crate::dynamic::{Relevant, Unknowns};
use crate::fold::{folds, parent_kind, wanted_of};
use crate::format::{Format, Header};
use crate::instance::{Instance, Sink, Wanted};
use crate::instances::walk_instances;
use crate::matching::{Brought, gather};
use crate::parents::Parents;
use crate::reading::{Reading, walk_file};
use crate::satellites::Satellites;
use crate::source::Source;
use crate::walk::{Items, Keys, Walk, WalkList};
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
        relevant: Vec::new(),
        is_relevant_whole: true,
    };
    let walked = walk_file(source, name, &reading, &mut document);
    let Document { mut budget, header, mut satellites, mut planned, relevant, is_relevant_whole, .. } = document;
    // What is no Terraform document at all should be called that, not a Terraform document with a mistake in it.
    if let (Err(Error::Invalid(reason)), false) = (&walked, header.looks_like_terraform()) {
        return Err(Error::Invalid(format!("this is no Terraform state and no plan in JSON: {reason}")));
    }
    walked?;
    let format = header.format()?;
    let is_told = is_relevant_whole && header.tells_relevant_attributes();
    planned.unknowns = Unknowns::of(is_told.then_some(relevant.as_slice()), &planned.changes);
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
    relevant: Vec<Relevant>,
    /// Whether every entry of `relevant_attributes` is one of those.
    is_relevant_whole: bool,
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
            "relevant_attributes" => {
                let (relevant, is_whole) = (&mut self.relevant, &mut self.is_relevant_whole);
                map.next_value_seed(WalkList(&mut RelevantList { reading, budget, relevant, is_whole }))
            }
            "version" | "format_version" | "terraform_version" | "complete" | "errored" => {
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

struct RelevantList<'a> {
    reading: &'a Reading,
    budget: &'a mut Budget,
    relevant: &'a mut Vec<Relevant>,
    is_whole: &'a mut bool,
}

impl<'de> Items<'de> for RelevantList<'_> {
    const WHAT: &'static str = "a list of attributes";

    fn item<D: Deserializer<'de>>(&mut self, element: D) -> Result<(), D::Error> {
        self.reading.begin_value();
        let entry: Json = serde::Deserialize::deserialize(element)?;
        match Relevant::of(&entry, self.budget).map_err(|error| self.reading.stop(error))? {
            Some(relevant) => self.relevant.push(relevant),
            None => *self.is_whole = false,
        }
        Ok(())
    }
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
