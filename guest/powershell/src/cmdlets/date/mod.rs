//! Dates and spans of time.

pub mod get_date;
pub mod new_timespan;
pub mod unix_format;
