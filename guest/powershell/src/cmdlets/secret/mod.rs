//! Secure strings.

pub mod convertfrom_securestring;
pub mod convertto_securestring;
