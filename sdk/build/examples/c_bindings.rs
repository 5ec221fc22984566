//! Writes the C bindings of one of the contract's worlds: a header, a source file and an object with the contract's
//! types.
//!
//! `cargo run -p plumbline-build --example c_bindings -- checks-plugin FOLDER`

use std::path::Path;
use std::process::ExitCode;

use plumbline_build::contract;
use wit_bindgen_core::Files;

fn write(world: &str, folder: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut resolve = contract::resolve(&[contract::package()])?;
    let package = resolve.packages.iter().next().map(|(id, _)| id).ok_or("the contract is empty")?;
    let world = resolve.select_world(&[package], Some(world))?;
    let mut files = Files::default();
    wit_bindgen_c::Opts::default().build().generate(&mut resolve, world, &mut files)?;
    std::fs::create_dir_all(folder)?;
    for (name, content) in files.iter() {
        std::fs::write(Path::new(folder).join(name), content)?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [world, folder] = arguments.as_slice() else {
        eprintln!("usage: c_bindings WORLD FOLDER");
        return ExitCode::from(2);
    };
    match write(world, folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
