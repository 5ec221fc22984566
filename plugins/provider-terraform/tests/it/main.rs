//! Drives the plugin from outside: files in, resources, gaps and errors out.

mod broken;
mod encodings;
mod files;
mod folding;
mod planning;
mod plans;
mod states;
