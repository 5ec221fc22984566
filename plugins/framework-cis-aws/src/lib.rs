//! CIS AWS Foundations Benchmark 3.0 and 5.0.
