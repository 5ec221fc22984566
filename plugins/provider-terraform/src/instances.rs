//! Walks the resource instances of a file whose form is known.

use plumbline::provider::Error;
use serde::de::MapAccess;

use crate::format::Format;
use crate::frames::{Pieces, Stop, cut};
use crate::instance::{Instance, Sink, Wanted};
use crate::matching::changed;
use crate::reading::{Reading, walk_file};
use crate::source::Source;
use crate::walk::{Keys, Walk, WalkList};
use crate::{show, state};

/// Gives each managed resource instance to the sink, in the order of the file, which is the same each time.
pub fn walk_instances(source: &dyn Source, name: &str, format: Format, sink: &mut dyn Sink) -> Result<(), Error> {
    let reading = Reading::default();
    walk_file(source, name, &reading, &mut Document { reading: &reading, format, sink })
}

/// The same for a state that could be cut before.
pub(crate) fn walk_elements(source: &dyn Source, name: &str, sink: &mut dyn Sink) -> Result<(), Error> {
    let reading = Reading::of_whole();
    cut(source, name, &mut Elements { reading: &reading, sink }).map_err(|stop| explain(source, name, stop))
}

/// What is wrong with a state that was cut once and cannot be read as it should be now.
pub(crate) fn explain(source: &dyn Source, name: &str, stop: Stop) -> Error {
    match stop {
        Stop::Failed(error) => error,
        Stop::Unclear => match walk_instances(source, name, Format::State, &mut Nobody) {
            Err(error) => error,
            Ok(()) => changed(),
        },
    }
}

/// Gives one element to a sink.
pub(crate) fn pass(json: &[u8], reading: &Reading, sink: &mut dyn Sink) -> Result<(), Stop> {
    state::element(json, reading, sink).map_err(|_| reading.failure().map_or(Stop::Unclear, Stop::Failed))
}

struct Elements<'a> {
    reading: &'a Reading,
    sink: &'a mut dyn Sink,
}

impl Pieces for Elements<'_> {
    fn value(&mut self, _: &str, _: &[u8]) -> Result<(), Stop> {
        Ok(())
    }

    fn elements(&mut self, elements: &[&[u8]]) -> Result<(), Stop> {
        elements.iter().try_for_each(|element| pass(element, self.reading, self.sink))
    }
}

/// Reads everything and keeps nothing: what is wrong shows all the same.
struct Nobody;

impl Sink for Nobody {
    fn wanted(&self, _: &str) -> Wanted {
        Wanted::Everything
    }

    fn take(&mut self, _: Instance) -> Result<(), Error> {
        Ok(())
    }
}

struct Document<'a> {
    reading: &'a Reading,
    format: Format,
    sink: &'a mut dyn Sink,
}

impl<'de> Keys<'de> for Document<'_> {
    const WHAT: &'static str = "a Terraform state or plan";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let (reading, sink) = (self.reading, &mut *self.sink);
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
