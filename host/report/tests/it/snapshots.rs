//! The whole of every format, as committed.

use plumb_report::Format;

use crate::fixture::{PLAIN, clean, rich};
use plumb_report::Style;

fn compare(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn every_format_of_a_scan_that_has_some_of_everything() {
    let fixture = rich();
    for format in Format::ALL {
        compare(format.as_str(), &fixture.render(format, PLAIN));
    }
}

#[test]
fn the_table_on_a_terminal_with_colours() {
    compare("table_colors", &rich().render(Format::Table, Style { color: true, width: 100 }));
}

#[test]
fn what_people_read_of_a_scan_in_which_nothing_is_wrong() {
    for format in [Format::Table, Format::Markdown, Format::Html] {
        compare(&format!("clean_{format}"), &clean().render(format, PLAIN));
    }
}
