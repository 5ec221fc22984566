//! Scans with the bundled plugins and a clock that stands where a test puts it.

#[cfg(test)]
mod engine {
    mod deltas;
    mod fixture;
    mod reuse;
}
