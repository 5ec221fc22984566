//! PCI DSS 4.0.
