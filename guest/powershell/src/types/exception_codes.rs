//! `HResult` of the exceptions: the one of the type, or of the nearest type that it derives from.

use super::exception::bases_of;

const CODES: &[(&str, u32)] = &[
    ("System.Exception", 0x8013_1500),
    ("System.SystemException", 0x8013_1501),
    ("System.ApplicationException", 0x8013_1600),
    ("System.ArgumentException", 0x8007_0057),
    ("System.ArgumentNullException", 0x8000_4003),
    ("System.ArgumentOutOfRangeException", 0x8013_1502),
    ("System.ArithmeticException", 0x8007_0216),
    ("System.DivideByZeroException", 0x8002_0012),
    ("System.OverflowException", 0x8013_1516),
    ("System.FormatException", 0x8013_1537),
    ("System.IndexOutOfRangeException", 0x8013_1508),
    ("System.InvalidCastException", 0x8000_4002),
    ("System.InvalidOperationException", 0x8013_1509),
    ("System.NotImplementedException", 0x8000_4001),
    ("System.NotSupportedException", 0x8013_1515),
    ("System.NullReferenceException", 0x8000_4003),
    ("System.OutOfMemoryException", 0x8007_000E),
    ("System.TimeoutException", 0x8013_1505),
    ("System.UnauthorizedAccessException", 0x8007_0005),
    ("System.OperationCanceledException", 0x8013_153B),
    ("System.RankException", 0x8013_1517),
    (
        "System.Collections.Generic.KeyNotFoundException",
        0x8013_1577,
    ),
    ("System.IO.IOException", 0x8013_1620),
    ("System.IO.FileNotFoundException", 0x8007_0002),
    ("System.IO.DirectoryNotFoundException", 0x8007_0003),
    ("System.IO.PathTooLongException", 0x8007_00CE),
    ("System.IO.EndOfStreamException", 0x8007_0026),
    ("System.Xml.XmlException", 0x8013_1940),
    ("System.Security.SecurityException", 0x8013_150A),
];

/// The code of an exception by its full name.
pub fn code(type_name: &str) -> i32 {
    let own = |name: &str| CODES.iter().find(|(known, _)| *known == name);
    let found = own(type_name).or_else(|| bases_of(type_name).into_iter().find_map(own));
    found.map_or(0x8013_1500, |(_, code)| *code).cast_signed()
}
