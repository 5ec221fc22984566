//! SOC 2 trust services criteria.
