//! Writes guests to files, for a look with other tools: `cargo run -p plumb-guests --example write_guest -- FOLDER
//! [NAME…]`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("usage: write_guest FOLDER [NAME…]; the names are {}", plumb_guests::names().join(", "));
        return ExitCode::from(2);
    };
    let named: Vec<String> = arguments.collect();
    let all = || plumb_guests::names().into_iter().map(str::to_owned).collect();
    for name in if named.is_empty() { all() } else { named } {
        let path = std::path::Path::new(&folder).join(format!("{name}.wasm"));
        if let Err(error) = std::fs::write(&path, plumb_guests::component(&name)) {
            eprintln!("error: {}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
