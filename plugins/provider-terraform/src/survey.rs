//! The walks over a file before anything is reported: what kind of document it is, which resources fold into which, and what a
//! plan says beside the values. A broken end of the file could hide a setting of any resource before it.
//!
//! A state is cut into its elements where that is possible; what is no state, or a broken one, is walked as a stream.
//!
//! The first walk keeps the satellites; where there are any, the second one keeps the resources that these name. What is held
//! grows with the settings that stand as resources of their own, not with the file.

use std::collections::HashSet;

use plumbline::provider::Error;
use serde::de::{Deserializer, IgnoredAny, MapAccess};
use serde_json::Value as Json;

use crate::budget::Budget;
use crate::changes::{self, ChangeList};
use crate::complete::Planned;
use crate::configuration::ConfigurationKeys;
use crate::dynamic::{Relevant, Unknowns};
use crate::fold::{folds, parent_kind, wanted_of};
use crate::format::{Format, Header};
use crate::frames::{Pieces, Stop, cut};
use crate::instance::{Instance, Sink, Wanted};
use crate::instances::{pass, walk_elements, walk_instances};
use crate::matching::{Brought, gather};
use crate::parents::Parents;
use crate::reading::{Reading, walk_file};
use crate::satellites::Satellites;
use crate::source::Source;
use crate::walk::{Items, Keys, Walk, WalkList};
use crate::{defaults, show, state};

/// What the hash of an address takes in the set of them, which holds twice the room it needs, and once more while it grows.
const SEEN_BYTES: usize = 32;
/// What the mark of an element takes, with the room that a growing list keeps.
const MARK_BYTES: usize = 2 * size_of::<Mark>();

/// What is known of a file before its resources are reported.
#[derive(Debug)]
pub struct Survey {
    pub header: Header,
    pub format: Format,
    pub planned: Planned,
    pub brought: Brought,
    /// How many resources there are.
    pub count: usize,
    /// Of a state that can be cut, one for each element of its list of resources.
    pub(crate) marks: Option<Vec<Mark>>,
}

/// What is known of an element of a state's list of resources.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// How many of its instances others might fold into.
    pub(crate) parents: u32,
    /// It has instances, and they fold into nothing.
    pub(crate) is_plain: bool,
}

/// Walks a file once, and once more where it has satellites.
pub fn survey(source: &dyn Source, name: &str) -> Result<Survey, Error> {
    let (document, marks) = match cut_state(source, name) {
        Some((document, marks)) => (document, Some(marks)),
        None => (walk_document(source, name)?, None),
    };
    let Document { gathered, header, mut planned, relevant, is_relevant_cut } = document;
    let Gathered { mut budget, mut satellites, seen, .. } = gathered;
    let count = seen.len();
    drop(seen);
    let format = header.format()?;
    let is_told = !is_relevant_cut && header.tells_relevant_attributes();
    planned.unknowns = Unknowns::of(is_told.then_some(relevant.as_slice()), &planned.changes);
    for former in &planned.changes.former {
        satellites.expect_parents(&former.address.kind, &former.values, &mut budget)?;
    }
    let mut parents = Parents::default();
    if !satellites.parents.is_empty() {
        let (satellites, parents) = (&satellites, &mut parents);
        let mut names = Names { format, satellites, parents, budget: &mut budget };
        match &marks {
            Some(_) => walk_elements(source, name, &mut names)?,
            None => walk_instances(source, name, format, &mut names)?,
        }
        parents.sort();
    }
    let brought = gather(satellites, &parents, &planned, &mut budget)?;
    Ok(Survey { header, format, planned, brought, count, marks })
}

/// Walks a file as a stream.
fn walk_document(source: &dyn Source, name: &str) -> Result<Document, Error> {
    let reading = Reading::default();
    let mut document = Document::default();
    let walked = walk_file(source, name, &reading, &mut Walked { reading: &reading, document: &mut document });
    // What is no Terraform document at all should be called that, not a Terraform document with a mistake in it.
    if let (Err(Error::Invalid(reason)), false) = (&walked, document.header.looks_like_terraform()) {
        return Err(Error::Invalid(format!("this is no Terraform state and no plan in JSON: {reason}")));
    }
    walked.map(|()| document)
}

/// Takes a state apart element by element; none where that cannot be done, for whatever reason.
fn cut_state(source: &dyn Source, name: &str) -> Option<(Document, Vec<Mark>)> {
    let reading = Reading::of_whole();
    let mut state = State { reading: &reading, document: Document::default(), marks: Vec::new() };
    cut(source, name, &mut state).ok()?;
    let State { document, marks, .. } = state;
    let is_state = matches!(document.header.format(), Ok(Format::State));
    is_state.then_some((document, marks))
}

struct State<'a> {
    reading: &'a Reading,
    document: Document,
    marks: Vec<Mark>,
}

impl Pieces for State<'_> {
    fn value(&mut self, key: &str, json: &[u8]) -> Result<(), Stop> {
        let header = &mut self.document.header;
        if !header.note_key(key) {
            return Err(Stop::Unclear);
        }
        let read = match key {
            "version" | "terraform_version" => serde_json::from_slice(json).map(|value| header.note_value(key, value)),
            _ => serde_json::from_slice::<IgnoredAny>(json).map(drop),
        };
        read.map_err(|_| Stop::Unclear)
    }

    fn begin_elements(&mut self) -> Result<(), Stop> {
        if self.document.header.note_key("resources") { Ok(()) } else { Err(Stop::Unclear) }
    }

    fn elements(&mut self, elements: &[&[u8]]) -> Result<(), Stop> {
        let gathered = &mut self.document.gathered;
        for element in elements {
            let before = (gathered.seen.len(), gathered.satellites.len(), gathered.parents);
            pass(element, self.reading, gathered)?;
            gathered.budget.charge(MARK_BYTES).map_err(Stop::Failed)?;
            self.marks.push(Mark {
                parents: u32::try_from(gathered.parents - before.2).map_err(|_| Stop::Unclear)?,
                is_plain: gathered.seen.len() > before.0 && gathered.satellites.len() == before.1,
            });
        }
        Ok(())
    }
}

#[derive(Default)]
struct Document {
    gathered: Gathered,
    header: Header,
    planned: Planned,
    relevant: Vec<Relevant>,
    /// Whether an entry of `relevant_attributes` is none of those.
    is_relevant_cut: bool,
}

struct Walked<'a> {
    reading: &'a Reading,
    document: &'a mut Document,
}

impl<'de> Keys<'de> for Walked<'_> {
    const WHAT: &'static str = "a Terraform state or plan";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.reading.begin_value();
        let Document { gathered, header, planned, relevant, is_relevant_cut } = &mut *self.document;
        if !header.note_key(key) {
            return Err(serde::de::Error::custom(format_args!("the key `{key}` stands twice")));
        }
        let reading = self.reading;
        match key {
            "resources" => map.next_value_seed(WalkList(&mut state::Resources { reading, sink: gathered })),
            "values" | "planned_values" => map.next_value_seed(Walk(&mut show::Values { reading, sink: gathered })),
            "resource_changes" => {
                let (changes, budget) = (&mut planned.changes, &mut gathered.budget);
                changes::walk(map, ChangeList { reading, changes, budget, folds })
            }
            "configuration" => {
                let (configuration, budget) = (&mut planned.configuration, &mut gathered.budget);
                map.next_value_seed(Walk(&mut ConfigurationKeys { reading, budget, keeps, configuration }))
            }
            "relevant_attributes" => {
                let budget = &mut gathered.budget;
                map.next_value_seed(WalkList(&mut RelevantList { reading, budget, relevant, is_cut: is_relevant_cut }))
            }
            "version" | "format_version" | "terraform_version" | "complete" | "errored" => {
                header.note_value(key, map.next_value()?);
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
    is_cut: &'a mut bool,
}

impl<'de> Items<'de> for RelevantList<'_> {
    const WHAT: &'static str = "a list of attributes";

    fn item<D: Deserializer<'de>>(&mut self, element: D) -> Result<(), D::Error> {
        self.reading.begin_value();
        let entry: Json = serde::Deserialize::deserialize(element)?;
        match Relevant::of(&entry, self.budget).map_err(|error| self.reading.stop(error))? {
            Some(relevant) => self.relevant.push(relevant),
            None => *self.is_cut = true,
        }
        Ok(())
    }
}

/// Keeps the satellites, and a hash of each address: one that stands twice would make two resources of one id.
#[derive(Default)]
struct Gathered {
    budget: Budget,
    satellites: Satellites,
    seen: HashSet<u64>,
    /// How many resources there were that others might fold into.
    parents: usize,
}

impl Sink for Gathered {
    fn wanted(&self, kind: &str) -> Wanted {
        if folds(kind) { Wanted::Everything } else { Wanted::Only(&[]) }
    }

    fn take(&mut self, instance: Instance) -> Result<(), Error> {
        self.budget.charge(SEEN_BYTES)?;
        if !self.seen.insert(instance.address.seal()) {
            return Err(Error::Invalid(format!("the resource {} stands twice in the file", instance.address)));
        }
        let kind = &instance.address.kind;
        self.parents += usize::from(parent_kind(kind).is_some());
        // Its kind may have stood after its values.
        if folds(kind) { self.satellites.add(instance, &mut self.budget) } else { Ok(()) }
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
