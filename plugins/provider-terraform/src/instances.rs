//! Walks the resource instances of a file whose format is known.

use plumbline::provider::Error;
use serde::de::MapAccess;

use crate::format::Format;
use crate::instance::Sink;
use crate::reading::{Reading, walk_file};
use crate::source::Source;
use crate::walk::{Keys, Walk, WalkList};
use crate::{show, state};

/// Gives each managed resource instance to the sink, in the order of the file, which is the same each time.
pub fn walk_instances(source: &dyn Source, name: &str, format: Format, sink: &mut dyn Sink) -> Result<(), Error> {
    let reading = Reading::default();
    walk_file(source, name, &reading, &mut Document { reading: &reading, format, sink })
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
