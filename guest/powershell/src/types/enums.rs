//! The enums of .NET that scripts name, or that parameters of cmdlets are of.

/// .NET's enums: name, whether flags, members (numbered from 0 unless `=n` says otherwise).
pub const BUILTIN: &[(&str, bool, &str)] = &[
    (
        "System.DayOfWeek",
        false,
        "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
    ),
    (
        "System.Management.Automation.ErrorCategory",
        false,
        "NotSpecified OpenError CloseError DeviceError DeadlockDetected InvalidArgument InvalidData InvalidOperation InvalidResult InvalidType MetadataError NotImplemented NotInstalled ObjectNotFound OperationStopped OperationTimeout SyntaxError ParserError PermissionDenied ResourceBusy ResourceExists ResourceUnavailable ReadError WriteError FromStdErr SecurityError ProtocolError ConnectionError AuthenticationError LimitsExceeded QuotaExceeded NotEnabled",
    ),
    (
        "System.ConsoleColor",
        false,
        "Black DarkBlue DarkGreen DarkCyan DarkRed DarkMagenta DarkYellow Gray DarkGray Blue Green Cyan Red Magenta Yellow White",
    ),
    (
        "System.Management.Automation.WhereOperatorSelectionMode",
        false,
        "Default First Last SkipUntil Until Split",
    ),
    (
        "System.Management.Automation.WildcardOptions",
        true,
        "None=0 Compiled=1 IgnoreCase=2 CultureInvariant=4",
    ),
    (
        "System.StringComparison",
        false,
        "CurrentCulture CurrentCultureIgnoreCase InvariantCulture InvariantCultureIgnoreCase Ordinal OrdinalIgnoreCase",
    ),
    (
        "System.StringSplitOptions",
        true,
        "None=0 RemoveEmptyEntries=1 TrimEntries=2",
    ),
    (
        "System.UriKind",
        false,
        "RelativeOrAbsolute Absolute Relative",
    ),
    ("System.DateTimeKind", false, "Unspecified Utc Local"),
    (
        "System.MidpointRounding",
        false,
        "ToEven AwayFromZero ToZero ToNegativeInfinity ToPositiveInfinity",
    ),
    (
        "System.IO.FileAttributes",
        true,
        "None=0 ReadOnly=1 Hidden=2 System=4 Directory=16 Archive=32 Device=64 Normal=128 Temporary=256 SparseFile=512 ReparsePoint=1024 Compressed=2048 Offline=4096 NotContentIndexed=8192 Encrypted=16384 IntegrityStream=32768 NoScrubData=131072",
    ),
    (
        "System.Net.Sockets.AddressFamily",
        false,
        "Unspecified=0 Unix=1 InterNetwork=2 InterNetworkV6=23",
    ),
    (
        "System.IO.SearchOption",
        false,
        "TopDirectoryOnly AllDirectories",
    ),
    (
        "System.IO.Compression.CompressionLevel",
        false,
        "Optimal Fastest NoCompression SmallestSize",
    ),
    (
        "System.IO.Compression.ZipArchiveMode",
        false,
        "Read Create Update",
    ),
    (
        "System.IO.FileMode",
        false,
        "CreateNew=1 Create=2 Open=3 OpenOrCreate=4 Truncate=5 Append=6",
    ),
    (
        "System.Text.RegularExpressions.RegexOptions",
        true,
        "None=0 IgnoreCase=1 Multiline=2 ExplicitCapture=4 Compiled=8 Singleline=16 IgnorePatternWhitespace=32 RightToLeft=64 CultureInvariant=512",
    ),
    (
        "System.Management.Automation.ActionPreference",
        false,
        "SilentlyContinue Stop Continue Inquire Ignore Suspend Break",
    ),
    (
        "System.Net.SecurityProtocolType",
        true,
        "SystemDefault=0 Ssl3=48 Tls=192 Tls11=768 Tls12=3072 Tls13=12288",
    ),
    (
        "System.Net.HttpStatusCode",
        false,
        "OK=200 Created=201 Accepted=202 NonAuthoritativeInformation=203 NoContent=204 ResetContent=205 PartialContent=206 MultiStatus=207 AlreadyReported=208 IMUsed=226 MultipleChoices=300 Ambiguous=300 MovedPermanently=301 Moved=301 Found=302 Redirect=302 SeeOther=303 RedirectMethod=303 NotModified=304 UseProxy=305 Unused=306 TemporaryRedirect=307 RedirectKeepVerb=307 PermanentRedirect=308 BadRequest=400 Unauthorized=401 PaymentRequired=402 Forbidden=403 NotFound=404 MethodNotAllowed=405 NotAcceptable=406 ProxyAuthenticationRequired=407 RequestTimeout=408 Conflict=409 Gone=410 LengthRequired=411 PreconditionFailed=412 RequestEntityTooLarge=413 RequestUriTooLong=414 UnsupportedMediaType=415 RequestedRangeNotSatisfiable=416 ExpectationFailed=417 MisdirectedRequest=421 UnprocessableEntity=422 Locked=423 FailedDependency=424 UpgradeRequired=426 PreconditionRequired=428 TooManyRequests=429 RequestHeaderFieldsTooLarge=431 UnavailableForLegalReasons=451 InternalServerError=500 NotImplemented=501 BadGateway=502 ServiceUnavailable=503 GatewayTimeout=504 HttpVersionNotSupported=505 VariantAlsoNegotiates=506 InsufficientStorage=507 LoopDetected=508 NotExtended=510 NetworkAuthenticationRequired=511 Continue=100 SwitchingProtocols=101 Processing=102 EarlyHints=103",
    ),
    (
        "System.Net.WebExceptionStatus",
        false,
        "Success NameResolutionFailure ConnectFailure ReceiveFailure SendFailure PipelineFailure RequestCanceled ProtocolError ConnectionClosed TrustFailure SecureChannelFailure ServerProtocolViolation KeepAliveFailure Pending Timeout ProxyNameResolutionFailure UnknownError MessageLengthLimitExceeded CacheEntryNotFound RequestProhibitedByCachePolicy RequestProhibitedByProxy",
    ),
    (
        "System.Net.Http.HttpCompletionOption",
        false,
        "ResponseContentRead ResponseHeadersRead",
    ),
    (
        "System.Threading.Tasks.TaskStatus",
        false,
        "Created WaitingForActivation WaitingToRun Running WaitingForChildrenToComplete RanToCompletion Canceled Faulted",
    ),
    ("System.IO.FileAccess", true, "Read=1 Write=2 ReadWrite=3"),
    (
        "System.IO.FileShare",
        true,
        "None=0 Read=1 Write=2 ReadWrite=3 Delete=4 Inheritable=16",
    ),
    (
        "System.Net.HttpRequestHeader",
        false,
        "CacheControl Connection Date KeepAlive Pragma Trailer TransferEncoding Upgrade Via Warning Allow ContentLength ContentType ContentEncoding ContentLanguage ContentLocation ContentMd5 ContentRange Expires LastModified Accept AcceptCharset AcceptEncoding AcceptLanguage Authorization Cookie Expect From Host IfMatch IfModifiedSince IfNoneMatch IfRange IfUnmodifiedSince MaxForwards ProxyAuthorization Referer Range Te Translate UserAgent",
    ),
    (
        "System.Net.HttpResponseHeader",
        false,
        "CacheControl Connection Date KeepAlive Pragma Trailer TransferEncoding Upgrade Via Warning Allow ContentLength ContentType ContentEncoding ContentLanguage ContentLocation ContentMd5 ContentRange Expires LastModified AcceptRanges Age ETag Location ProxyAuthenticate RetryAfter Server SetCookie Vary WwwAuthenticate",
    ),
    (
        "System.Base64FormattingOptions",
        true,
        "None=0 InsertLineBreaks=1",
    ),
    (
        "System.Globalization.UnicodeCategory",
        false,
        "UppercaseLetter=0 LowercaseLetter=1 TitlecaseLetter=2 ModifierLetter=3 OtherLetter=4 NonSpacingMark=5 SpacingCombiningMark=6 EnclosingMark=7 DecimalDigitNumber=8 LetterNumber=9 OtherNumber=10 SpaceSeparator=11 LineSeparator=12 ParagraphSeparator=13 Control=14 Format=15 Surrogate=16 PrivateUse=17 ConnectorPunctuation=18 DashPunctuation=19 OpenPunctuation=20 ClosePunctuation=21 InitialQuotePunctuation=22 FinalQuotePunctuation=23 OtherPunctuation=24 MathSymbol=25 CurrencySymbol=26 ModifierSymbol=27 OtherSymbol=28 OtherNotAssigned=29",
    ),
    (
        "System.Globalization.NumberStyles",
        true,
        "None=0 AllowLeadingWhite=1 AllowTrailingWhite=2 AllowLeadingSign=4 Integer=7 AllowTrailingSign=8 AllowParentheses=16 AllowDecimalPoint=32 AllowThousands=64 Number=111 AllowExponent=128 Float=167 AllowCurrencySymbol=256 Currency=383 Any=511 AllowHexSpecifier=512 HexNumber=515",
    ),
    (
        "System.Globalization.DateTimeStyles",
        true,
        "None=0 AllowLeadingWhite=1 AllowTrailingWhite=2 AllowInnerWhite=4 AllowWhiteSpaces=7 AssumeLocal=32 AssumeUniversal=64 AdjustToUniversal=16 RoundtripKind=128",
    ),
    (
        "System.Environment+SpecialFolder",
        false,
        "Desktop=0 Personal=5 UserProfile=40 ApplicationData=26 LocalApplicationData=28",
    ),
    (
        "System.EnvironmentVariableTarget",
        false,
        "Process User Machine",
    ),
    (
        "System.Xml.XmlNodeType",
        false,
        "None Element Attribute Text CDATA EntityReference Entity ProcessingInstruction Comment Document",
    ),
    (
        "System.Management.Automation.PSMemberTypes",
        true,
        "AliasProperty=1 CodeProperty=2 Property=4 NoteProperty=8 ScriptProperty=16 Properties=31 PropertySet=32 Method=64 CodeMethod=128 ScriptMethod=256 Methods=448 ParameterizedProperty=512 MemberSet=1024 Event=2048 Dynamic=4096 InferredProperty=8192 All=16383",
    ),
    (
        "System.Management.Automation.ShouldProcessReason",
        false,
        "None WhatIf",
    ),
    (
        "System.Management.Automation.CommandTypes",
        true,
        "Alias=1 Function=2 Filter=4 Cmdlet=8 ExternalScript=16 Application=32 Script=64 Configuration=256 All=383",
    ),
    (
        "System.Management.Automation.ScopedItemOptions",
        true,
        "None=0 ReadOnly=1 Constant=2 Private=4 AllScope=8 Unspecified=16",
    ),
    (
        "Microsoft.PowerShell.Commands.BaseCsvWritingCommand+QuoteKind",
        false,
        "Never Always AsNeeded",
    ),
    (
        "Microsoft.PowerShell.Commands.TestPathType",
        false,
        "Any Container Leaf",
    ),
    (
        "Microsoft.PowerShell.Commands.WebAuthenticationType",
        false,
        "None Basic Bearer OAuth",
    ),
    (
        "Microsoft.PowerShell.Commands.WebRequestMethod",
        false,
        "Default Get Head Post Put Delete Trace Options Merge Patch",
    ),
    (
        "Newtonsoft.Json.StringEscapeHandling",
        false,
        "Default EscapeNonAscii EscapeHtml",
    ),
];
