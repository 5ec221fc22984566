//! The first walk over a file: what kind of document it is, which resources fold into which, and what a plan says beside the
//! values. Nothing is reported before it is done: a broken end of the file could hide a setting of any resource before it.

use plumbline::provider::Error;
use serde::de::MapAccess;

use crate::budget::Budget;
use crate::changes::{self, ChangeList};
use crate::complete::Planned;
use crate::configuration::ConfigurationKeys;
use crate::fold::{folds, wanted_of};
use crate::format::{Format, Header};
use crate::instance::{Instance, Sink, Wanted};
use crate::parents::Parents;
use crate::reading::{Reading, walk_file};
use crate::source::Source;
use crate::walk::{Keys, Walk, WalkList};
use crate::{defaults, show, state};

/// What the first walk found.
#[derive(Debug, Default)]
pub struct Survey {
    pub header: Header,
    pub parents: Parents,
    /// Resources that fold into others, in the order of the file.
    pub satellites: Vec<Instance>,
    pub planned: Planned,
}

/// Bytes an instance takes beside its values and texts.
const INSTANCE_BYTES: usize = 300;

/// Walks a file once.
pub fn survey(source: &dyn Source, name: &str) -> Result<(Survey, Format), Error> {
    let reading = Reading::default();
    let mut document = Document { reading: &reading, budget: Budget::default(), survey: Survey::default() };
    let walked = walk_file(source, name, &reading, &mut document);
    let survey = document.survey;
    // What is no Terraform document at all should be called that, not a Terraform document with a mistake in it.
    if let (Err(Error::Invalid(reason)), false) = (&walked, survey.header.looks_like_terraform()) {
        return Err(Error::Invalid(format!("this is no Terraform state and no plan in JSON: {reason}")));
    }
    walked?;
    let format = survey.header.format()?;
    Ok((survey, format))
}

struct Document<'a> {
    reading: &'a Reading,
    budget: Budget,
    survey: Survey,
}

impl<'de> Keys<'de> for Document<'_> {
    const WHAT: &'static str = "a Terraform state or plan";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.reading.begin_value();
        let Survey { header, parents, satellites, planned } = &mut self.survey;
        if !header.note_key(key) {
            return Err(serde::de::Error::custom(format_args!("the key `{key}` stands twice")));
        }
        let (reading, budget) = (self.reading, &mut self.budget);
        match key {
            "resources" => {
                let sink = &mut Collector { parents, satellites, budget };
                map.next_value_seed(WalkList(&mut state::Resources { reading, sink }))
            }
            "values" | "planned_values" => {
                let sink = &mut Collector { parents, satellites, budget };
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

struct Collector<'a> {
    parents: &'a mut Parents,
    satellites: &'a mut Vec<Instance>,
    budget: &'a mut Budget,
}

impl Sink for Collector<'_> {
    fn wanted(&self, kind: &str) -> Wanted {
        match wanted_of(kind) {
            _ if folds(kind) => Wanted::Everything,
            [] => Wanted::Nothing,
            attributes => Wanted::Only(attributes),
        }
    }

    fn take(&mut self, instance: Instance) -> Result<(), Error> {
        if folds(&instance.address.kind) {
            self.budget.charge(INSTANCE_BYTES + Budget::size_of(&instance.values))?;
            self.satellites.push(instance);
            Ok(())
        } else {
            self.parents.add(instance, self.budget)
        }
    }
}
