//! Text that is data: JSON, CSV, XML, lines that match.

pub mod convertfrom_csv;
pub mod convertfrom_json;
pub mod convertfrom_stringdata;
pub mod convertto_csv;
pub mod convertto_html;
pub mod convertto_json;
pub mod csv_reader;
pub mod csv_writer;
pub mod export_csv;
pub mod import_csv;
pub mod import_powershelldatafile;
pub mod join_string;
pub mod json_reader;
pub mod json_writer;
pub mod select_string;
pub mod select_xml;
pub mod test_json;
