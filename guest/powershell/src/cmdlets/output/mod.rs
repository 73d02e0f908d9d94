//! The end of a pipeline.

pub mod out_default;
pub mod out_file;
pub mod out_host;
pub mod out_null;
pub mod out_string;
pub mod shown;
