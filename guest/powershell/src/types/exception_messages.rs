//! What .NET's exceptions say when they are made without a message, by the resources of its core library.
//!
//! An exception that isn't listed says what `System.Exception` does: the name of its type.

/// The message of an exception of .NET's type `of`, made as `name`, which is the same or a script's class of it.
pub fn default_message(of: &str, name: &str) -> String {
    let own = match of.strip_prefix("System.").unwrap_or(of) {
        "ApplicationException" => "Error in the application.",
        "ArgumentException" => "Value does not fall within the expected range.",
        "ArgumentNullException" => "Value cannot be null.",
        "ArithmeticException" => "Overflow or underflow in the arithmetic operation.",
        "ArgumentOutOfRangeException" => "Specified argument was out of the range of valid values.",
        "Collections.Generic.KeyNotFoundException" => {
            "The given key was not present in the dictionary."
        }
        "DivideByZeroException" => "Attempted to divide by zero.",
        "FormatException" => "One of the identified items was in an invalid format.",
        "IO.DirectoryNotFoundException" => "Attempted to access a path that is not on the disk.",
        "IO.EndOfStreamException" => "Attempted to read past the end of the stream.",
        "IO.FileNotFoundException" => "Unable to find the specified file.",
        "IO.IOException" => "I/O error occurred.",
        "IO.InvalidDataException" => "Found invalid data while decoding.",
        "IO.PathTooLongException" => {
            "The specified file name or path is too long, or a component of the specified path is too long."
        }
        "IndexOutOfRangeException" => "Index was outside the bounds of the array.",
        "InvalidCastException" => "Specified cast is not valid.",
        "InvalidOperationException" => {
            "Operation is not valid due to the current state of the object."
        }
        "NotImplementedException" => "The method or operation is not implemented.",
        "NotSupportedException" => "Specified method is not supported.",
        "NullReferenceException" => "Object reference not set to an instance of an object.",
        "OperationCanceledException" => "The operation was canceled.",
        "OverflowException" => "Arithmetic operation resulted in an overflow.",
        "TimeoutException" => "The operation has timed out.",
        "UnauthorizedAccessException" => "Attempted to perform an unauthorized operation.",
        _ => return format!("Exception of type '{name}' was thrown."),
    };
    own.to_owned()
}
