//! stub
pub mod cli;
pub mod policy;
pub mod template;
pub mod worker;
