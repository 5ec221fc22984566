//! HIPAA security rule.
