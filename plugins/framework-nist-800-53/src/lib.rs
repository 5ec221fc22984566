//! NIST SP 800-53 revision 5.
