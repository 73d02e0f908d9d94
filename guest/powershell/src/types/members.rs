//! What .NET's own types have: the names of their properties and methods, whether or not they are supported here.
//!
//! A property of this list that no code knows is refused by name; one that isn't in it is a slip of the script's, which
//! PowerShell reads as null. `Get-Member` lists from here too. Types that aren't here are ones that cmdlets put out.

use crate::value::Value;

/// The public members of one type, without what every object has.
pub struct Members {
    /// The full name, without generic arguments.
    of: &'static str,
    properties: &'static str,
    methods: &'static str,
}

/// What every object has.
const OBJECT: &str = "Equals GetHashCode GetType ToString";

const NUMBER: &str = "CompareTo GetTypeCode TryFormat";
const COLLECTION: &str = "Count IsSynchronized SyncRoot";

impl Members {
    const fn new(of: &'static str, properties: &'static str, methods: &'static str) -> Self {
        Self {
            of,
            properties,
            methods,
        }
    }

    pub fn properties(&self) -> impl Iterator<Item = &'static str> {
        self.properties.split_whitespace()
    }

    pub fn methods(&self) -> impl Iterator<Item = &'static str> {
        self.methods.split_whitespace().chain(OBJECT.split(' '))
    }
}

/// What PowerShell's own type data adds to .NET's types, and what a provider adds to its items.
const ADDED: [(&str, &str, &str); 7] = [
    (
        "System.IO.",
        "NoteProperty",
        "PSChildName PSDrive PSIsContainer PSParentPath PSPath PSProvider",
    ),
    (
        "System.IO.",
        "CodeProperty",
        "LinkType Mode ModeWithoutHardLink ResolvedTarget Target",
    ),
    ("System.IO.", "ScriptProperty", "BaseName VersionInfo"),
    ("System.DateTime", "ScriptProperty", "DateTime"),
    ("System.DateTime", "NoteProperty", "DisplayHint"),
    ("System.Guid", "ScriptProperty", "Guid"),
    ("System.Object[]", "AliasProperty", "Count"),
];

/// Which kind of property a value's is.
pub fn kind(value: &Value, name: &str) -> &'static str {
    let of = value.type_name();
    let is_it = |known: &str| match known.strip_suffix('.') {
        Some(space) => of.starts_with(space),
        None => of == known,
    };
    let mut added = ADDED.iter().filter(|(known, ..)| is_it(known));
    let found = added.find(|(.., names)| names.split(' ').any(|added| added == name));
    found.map_or("Property", |(_, kind, _)| kind)
}

/// Whether a property of a value of .NET's can be set, as `.PSObject.Properties` says.
pub fn is_settable(value: &Value, name: &str) -> bool {
    const OF_FILES: &str = "Attributes CreationTime CreationTimeUtc IsReadOnly LastAccessTime LastAccessTimeUtc LastWriteTime LastWriteTimeUtc";
    match value {
        Value::Hash(_) => false,
        _ if kind(value, name) == "NoteProperty" => true,
        _ if value.type_name().starts_with("System.IO.") => {
            OF_FILES.split(' ').any(|settable| settable == name)
        }
        _ => true,
    }
}

const FILE_PROPERTIES: &str = "Attributes BaseName CreationTime CreationTimeUtc Directory DirectoryName Exists Extension FullName Group IsReadOnly LastAccessTime LastAccessTimeUtc LastWriteTime LastWriteTimeUtc Length LengthString LinkTarget LinkType Mode ModeWithoutHardLink Name PSChildName PSDrive PSIsContainer PSParentPath PSPath PSProvider ResolvedTarget Size Target UnixFileMode UnixMode UnixStat User VersionInfo";
const FOLDER_PROPERTIES: &str = "Attributes BaseName CreationTime CreationTimeUtc Exists Extension FullName Group LastAccessTime LastAccessTimeUtc LastWriteTime LastWriteTimeUtc LinkTarget LinkType Mode ModeWithoutHardLink Name PSChildName PSDrive PSIsContainer PSParentPath PSPath PSProvider Parent ResolvedTarget Root Size Target UnixFileMode UnixMode UnixStat User";
const NODE_PROPERTIES: &str = "Attributes BaseURI ChildNodes FirstChild HasChildNodes InnerText InnerXml IsReadOnly LastChild LocalName Name NamespaceURI NextSibling NodeType OuterXml OwnerDocument ParentNode Prefix PreviousSibling PreviousText SchemaInfo Value";
const NODE_METHODS: &str = "AppendChild Clone CloneNode CreateNavigator GetEnumerator GetNamespaceOfPrefix GetPrefixOfNamespace InsertAfter InsertBefore Normalize PrependChild RemoveAll RemoveChild ReplaceChild SelectNodes SelectSingleNode Supports WriteContentTo WriteTo";

const READER_METHODS: &str = "Close DiscardBufferedData Dispose Peek Read ReadAsync ReadBlock ReadBlockAsync ReadLine ReadLineAsync ReadToEnd ReadToEndAsync";
const WRITER_METHODS: &str = "Close Dispose DisposeAsync Flush FlushAsync GetStringBuilder Write WriteAsync WriteLine WriteLineAsync";

/// Every type whose members are known.
const TYPES: &[Members] = &[
    Members::new(
        "System.String",
        "Length",
        "Clone CompareTo Contains CopyTo EndsWith EnumerateRunes GetEnumerator GetPinnableReference GetTypeCode IndexOf IndexOfAny Insert IsNormalized LastIndexOf LastIndexOfAny Normalize PadLeft PadRight Remove Replace ReplaceLineEndings Split StartsWith Substring ToCharArray ToLower ToLowerInvariant ToUpper ToUpperInvariant Trim TrimEnd TrimStart TryCopyTo",
    ),
    Members::new("System.Boolean", "", NUMBER),
    Members::new("System.Char", "", NUMBER),
    Members::new("System.Byte", "", NUMBER),
    Members::new("System.SByte", "", NUMBER),
    Members::new("System.Int16", "", NUMBER),
    Members::new("System.UInt16", "", NUMBER),
    Members::new("System.Int32", "", NUMBER),
    Members::new("System.UInt32", "", NUMBER),
    Members::new("System.Int64", "", NUMBER),
    Members::new("System.UInt64", "", NUMBER),
    Members::new("System.Single", "", NUMBER),
    Members::new("System.Double", "", NUMBER),
    Members::new("System.Decimal", "Scale", NUMBER),
    Members::new(
        "System.Numerics.BigInteger",
        "IsEven IsOne IsPowerOfTwo IsZero Sign",
        "CompareTo GetBitLength GetByteCount ToByteArray TryFormat TryWriteBytes",
    ),
    Members::new(
        "System.Array",
        "Count IsFixedSize IsReadOnly IsSynchronized Length LongLength Rank SyncRoot",
        "Add Clear Clone CompareTo Contains CopyTo Get GetEnumerator GetLength GetLongLength GetLowerBound GetUpperBound GetValue IndexOf Initialize Insert Remove RemoveAt Set SetValue",
    ),
    Members::new(
        "System.Collections.ArrayList",
        "Capacity Count IsFixedSize IsReadOnly IsSynchronized SyncRoot",
        "Add AddRange BinarySearch Clear Clone Contains CopyTo GetEnumerator GetRange IndexOf Insert InsertRange LastIndexOf Remove RemoveAt RemoveRange Reverse SetRange Sort ToArray TrimToSize",
    ),
    Members::new(
        "System.Collections.Generic.List",
        "Capacity Count IsFixedSize IsReadOnly IsSynchronized SyncRoot",
        "Add AddRange AsReadOnly BinarySearch Clear Contains ConvertAll CopyTo EnsureCapacity Exists Find FindAll FindIndex FindLast FindLastIndex ForEach GetEnumerator GetRange IndexOf Insert InsertRange LastIndexOf Remove RemoveAll RemoveAt RemoveRange Reverse Slice Sort ToArray TrimExcess TrueForAll",
    ),
    Members::new(
        "System.Collections.Generic.HashSet",
        "Comparer Count IsReadOnly",
        "Add Clear Contains CopyTo EnsureCapacity ExceptWith GetEnumerator IntersectWith IsProperSubsetOf IsProperSupersetOf IsSubsetOf IsSupersetOf Overlaps Remove RemoveWhere SetEquals SymmetricExceptWith TrimExcess TryGetValue UnionWith",
    ),
    Members::new(
        "System.Collections.Generic.SortedSet",
        "Comparer Count Max Min",
        "Add Clear Contains CopyTo ExceptWith GetEnumerator GetViewBetween IntersectWith IsProperSubsetOf IsProperSupersetOf IsSubsetOf IsSupersetOf Overlaps Remove RemoveWhere Reverse SetEquals SymmetricExceptWith TryGetValue UnionWith",
    ),
    Members::new(
        "System.Collections.Queue",
        "Count IsSynchronized SyncRoot",
        "Clear Clone Contains CopyTo Dequeue Enqueue GetEnumerator Peek ToArray TrimToSize",
    ),
    Members::new(
        "System.Collections.Stack",
        "Count IsSynchronized SyncRoot",
        "Clear Clone Contains CopyTo GetEnumerator Peek Pop Push ToArray",
    ),
    Members::new(
        "System.Collections.Generic.Queue",
        COLLECTION,
        "Clear Contains CopyTo Dequeue Enqueue EnsureCapacity GetEnumerator Peek ToArray TrimExcess TryDequeue TryPeek",
    ),
    Members::new(
        "System.Collections.Generic.Stack",
        COLLECTION,
        "Clear Contains CopyTo EnsureCapacity GetEnumerator Peek Pop Push ToArray TrimExcess TryPeek TryPop",
    ),
    Members::new(
        "System.Collections.Hashtable",
        "Count IsFixedSize IsReadOnly IsSynchronized Keys SyncRoot Values",
        "Add Clear Clone Contains ContainsKey ContainsValue CopyTo GetEnumerator Remove",
    ),
    Members::new(
        "System.Collections.Specialized.OrderedDictionary",
        "Count IsFixedSize IsReadOnly IsSynchronized Keys SyncRoot Values",
        "Add AsReadOnly Clear Contains CopyTo GetEnumerator Insert Remove RemoveAt",
    ),
    Members::new(
        "System.DateTime",
        "Date DateTime Day DayOfWeek DayOfYear DisplayHint Hour Kind Microsecond Millisecond Minute Month Nanosecond Second Ticks TimeOfDay Year",
        "Add AddDays AddHours AddMicroseconds AddMilliseconds AddMinutes AddMonths AddSeconds AddTicks AddYears CompareTo Deconstruct GetDateTimeFormats GetTypeCode IsDaylightSavingTime Subtract ToBinary ToFileTime ToFileTimeUtc ToLocalTime ToLongDateString ToLongTimeString ToOADate ToShortDateString ToShortTimeString ToUniversalTime TryFormat",
    ),
    Members::new(
        "System.DateTimeOffset",
        "Date DateTime Day DayOfWeek DayOfYear Hour LocalDateTime Microsecond Millisecond Minute Month Nanosecond Offset Second Ticks TimeOfDay TotalOffsetMinutes UtcDateTime UtcTicks Year",
        "Add AddDays AddHours AddMicroseconds AddMilliseconds AddMinutes AddMonths AddSeconds AddTicks AddYears CompareTo EqualsExact Subtract ToFileTime ToLocalTime ToOffset ToUniversalTime ToUnixTimeMilliseconds ToUnixTimeSeconds TryFormat",
    ),
    Members::new(
        "System.TimeSpan",
        "Days Hours Microseconds Milliseconds Minutes Nanoseconds Seconds Ticks TotalDays TotalHours TotalMicroseconds TotalMilliseconds TotalMinutes TotalNanoseconds TotalSeconds",
        "Add CompareTo Divide Duration Multiply Negate Subtract TryFormat",
    ),
    Members::new(
        "System.Net.IPAddress",
        "Address AddressFamily IPAddressToString IsIPv4MappedToIPv6 IsIPv6LinkLocal IsIPv6Multicast IsIPv6SiteLocal IsIPv6Teredo IsIPv6UniqueLocal ScopeId",
        "GetAddressBytes MapToIPv4 MapToIPv6 TryFormat TryWriteBytes",
    ),
    Members::new(
        "System.Guid",
        "Guid Variant Version",
        "CompareTo ToByteArray TryFormat TryWriteBytes",
    ),
    Members::new(
        "System.Version",
        "Build Major MajorRevision Minor MinorRevision Revision",
        "Clone CompareTo TryFormat",
    ),
    Members::new(
        "System.Management.Automation.SemanticVersion",
        "BuildLabel Major Minor Patch PreReleaseLabel",
        "CompareTo",
    ),
    Members::new(
        "System.Uri",
        "AbsolutePath AbsoluteUri Authority DnsSafeHost Fragment Host HostNameType IdnHost IsAbsoluteUri IsDefaultPort IsFile IsLoopback IsUnc LocalPath OriginalString PathAndQuery Port Query Scheme Segments UserEscaped UserInfo",
        "GetComponents GetLeftPart IsBaseOf IsWellFormedOriginalString MakeRelativeUri",
    ),
    Members::new(
        "System.Globalization.CultureInfo",
        "Calendar CompareInfo CultureTypes DateTimeFormat DisplayName EnglishName IetfLanguageTag IsNeutralCulture IsReadOnly KeyboardLayoutId LCID Name NativeName NumberFormat OptionalCalendars Parent TextInfo ThreeLetterISOLanguageName ThreeLetterWindowsLanguageName TwoLetterISOLanguageName UseUserOverride",
        "ClearCachedData Clone GetConsoleFallbackUICulture GetFormat",
    ),
    Members::new(
        "System.Globalization.TextInfo",
        "ANSICodePage CultureName EBCDICCodePage IsReadOnly IsRightToLeft LCID ListSeparator MacCodePage OEMCodePage",
        "Clone ToLower ToTitleCase ToUpper",
    ),
    Members::new(
        "System.Globalization.NumberFormatInfo",
        "CurrencyDecimalDigits CurrencyDecimalSeparator CurrencyGroupSeparator CurrencyGroupSizes CurrencyNegativePattern CurrencyPositivePattern CurrencySymbol DigitSubstitution IsReadOnly NaNSymbol NativeDigits NegativeInfinitySymbol NegativeSign NumberDecimalDigits NumberDecimalSeparator NumberGroupSeparator NumberGroupSizes NumberNegativePattern PerMilleSymbol PercentDecimalDigits PercentDecimalSeparator PercentGroupSeparator PercentGroupSizes PercentNegativePattern PercentPositivePattern PercentSymbol PositiveInfinitySymbol PositiveSign",
        "Clone GetFormat",
    ),
    Members::new(
        "System.Globalization.DateTimeFormatInfo",
        "AMDesignator AbbreviatedDayNames AbbreviatedMonthGenitiveNames AbbreviatedMonthNames Calendar CalendarWeekRule DateSeparator DayNames FirstDayOfWeek FullDateTimePattern IsReadOnly LongDatePattern LongTimePattern MonthDayPattern MonthGenitiveNames MonthNames NativeCalendarName PMDesignator RFC1123Pattern ShortDatePattern ShortTimePattern ShortestDayNames SortableDateTimePattern TimeSeparator UniversalSortableDateTimePattern YearMonthPattern",
        "Clone GetAbbreviatedDayName GetAbbreviatedEraName GetAbbreviatedMonthName GetAllDateTimePatterns GetDayName GetEra GetEraName GetFormat GetMonthName GetShortestDayName SetAllDateTimePatterns",
    ),
    Members::new(
        "System.Text.StringBuilder",
        "Capacity Chars Length MaxCapacity",
        "Append AppendFormat AppendJoin AppendLine Clear CopyTo EnsureCapacity GetChunks Insert Remove Replace",
    ),
    Members::new(
        "System.IO.MemoryStream",
        "CanRead CanSeek CanTimeout CanWrite Capacity Length Position ReadTimeout WriteTimeout",
        "BeginRead BeginWrite Close CopyTo CopyToAsync Dispose DisposeAsync EndRead EndWrite Flush FlushAsync GetBuffer Read ReadAsync ReadAtLeast ReadByte ReadExactly Seek SetLength ToArray TryGetBuffer Write WriteAsync WriteByte WriteTo",
    ),
    Members::new(
        "System.IO.StreamReader",
        "BaseStream CurrentEncoding EndOfStream",
        READER_METHODS,
    ),
    Members::new("System.IO.StringReader", "", READER_METHODS),
    Members::new(
        "System.IO.StreamWriter",
        "AutoFlush BaseStream Encoding FormatProvider NewLine",
        WRITER_METHODS,
    ),
    Members::new(
        "System.IO.StringWriter",
        "Encoding FormatProvider NewLine",
        WRITER_METHODS,
    ),
    Members::new(
        "System.Text.RegularExpressions.Regex",
        "MatchTimeout Options RightToLeft",
        "Count EnumerateMatches GetGroupNames GetGroupNumbers GroupNameFromNumber GroupNumberFromName IsMatch Match Matches Replace Split",
    ),
    Members::new(
        "System.Text.RegularExpressions.Match",
        "Captures Groups Index Length Name Success Value ValueSpan",
        "NextMatch Result",
    ),
    Members::new(
        "System.Text.RegularExpressions.Group",
        "Captures Index Length Name Success Value ValueSpan",
        "",
    ),
    Members::new(
        "System.Net.Http.HttpClient",
        "BaseAddress DefaultRequestHeaders DefaultRequestVersion DefaultVersionPolicy MaxResponseContentBufferSize Timeout",
        "CancelPendingRequests DeleteAsync Dispose GetAsync GetByteArrayAsync GetStreamAsync GetStringAsync PatchAsync PostAsync PutAsync Send SendAsync",
    ),
    Members::new(
        "System.Net.Http.HttpClientHandler",
        "AllowAutoRedirect AutomaticDecompression CheckCertificateRevocationList ClientCertificateOptions ClientCertificates CookieContainer Credentials DefaultProxyCredentials MaxAutomaticRedirections MaxConnectionsPerServer MaxRequestContentBufferSize MaxResponseHeadersLength MeterFactory PreAuthenticate Properties Proxy ServerCertificateCustomValidationCallback SslProtocols SupportsAutomaticDecompression SupportsProxy SupportsRedirectConfiguration UseCookies UseDefaultCredentials UseProxy",
        "Dispose",
    ),
    Members::new(
        "System.Net.Http.HttpRequestMessage",
        "Content Headers Method Options Properties RequestUri Version VersionPolicy",
        "Dispose",
    ),
    Members::new(
        "System.Net.Http.HttpResponseMessage",
        "Content Headers IsSuccessStatusCode ReasonPhrase RequestMessage StatusCode TrailingHeaders Version",
        "Dispose EnsureSuccessStatusCode",
    ),
    Members::new(
        "System.Threading.Tasks.Task",
        "AsyncState AsyncWaitHandle CreationOptions Exception Id IsCanceled IsCompleted IsCompletedSuccessfully IsFaulted Result Status",
        "ConfigureAwait ContinueWith Dispose GetAwaiter RunSynchronously Start Wait WaitAsync",
    ),
    Members::new(
        "System.Net.Http.Headers.HttpRequestHeaders",
        "Accept AcceptCharset AcceptEncoding AcceptLanguage Authorization CacheControl Connection ConnectionClose Date Expect ExpectContinue From Host IfMatch IfModifiedSince IfNoneMatch IfRange IfUnmodifiedSince MaxForwards NonValidated Pragma Protocol ProxyAuthorization Range Referrer TE Trailer TransferEncoding TransferEncodingChunked Upgrade UserAgent Via Warning",
        "Add Clear Contains GetEnumerator GetValues Remove TryAddWithoutValidation TryGetValues",
    ),
    Members::new(
        "System.Net.Http.Headers.HttpResponseHeaders",
        "AcceptRanges Age CacheControl Connection ConnectionClose Date ETag Location NonValidated Pragma ProxyAuthenticate RetryAfter Server Trailer TransferEncoding TransferEncodingChunked Upgrade Vary Via Warning WwwAuthenticate",
        "Add Clear Contains GetEnumerator GetValues Remove TryAddWithoutValidation TryGetValues",
    ),
    Members::new(
        "System.Net.Http.Headers.HttpContentHeaders",
        "Allow ContentDisposition ContentEncoding ContentLanguage ContentLength ContentLocation ContentMD5 ContentRange ContentType Expires LastModified NonValidated",
        "Add Clear Contains GetEnumerator GetValues Remove TryAddWithoutValidation TryGetValues",
    ),
    Members::new(
        "System.IO.Compression.ZipArchive",
        "Comment Entries Mode",
        "CreateEntry Dispose GetEntry",
    ),
    Members::new(
        "System.IO.Compression.ZipArchiveEntry",
        "Archive Comment CompressedLength Crc32 ExternalAttributes FullName IsEncrypted LastWriteTime Length Name",
        "Delete Open",
    ),
    Members::new(
        "System.Net.WebClient",
        "AllowReadStreamBuffering AllowWriteStreamBuffering BaseAddress CachePolicy Container Credentials Encoding Headers IsBusy Proxy QueryString ResponseHeaders Site UseDefaultCredentials",
        "CancelAsync Dispose DownloadData DownloadDataAsync DownloadDataTaskAsync DownloadFile DownloadFileAsync DownloadFileTaskAsync DownloadString DownloadStringAsync DownloadStringTaskAsync OpenRead OpenReadAsync OpenReadTaskAsync OpenWrite OpenWriteAsync OpenWriteTaskAsync UploadData UploadDataAsync UploadDataTaskAsync UploadFile UploadFileAsync UploadFileTaskAsync UploadString UploadStringAsync UploadStringTaskAsync UploadValues UploadValuesAsync UploadValuesTaskAsync",
    ),
    Members::new(
        "System.Net.HttpWebRequest",
        "Accept Address AllowAutoRedirect AllowReadStreamBuffering AllowWriteStreamBuffering AuthenticationLevel AutomaticDecompression CachePolicy ClientCertificates Connection ConnectionGroupName ContentLength ContentType ContinueDelegate ContinueTimeout CookieContainer CreatorInstance Credentials Date Expect HaveResponse Headers Host IfModifiedSince ImpersonationLevel KeepAlive MaximumAutomaticRedirections MaximumResponseHeadersLength MediaType Method Pipelined PreAuthenticate ProtocolVersion Proxy ReadWriteTimeout Referer RequestUri SendChunked ServerCertificateValidationCallback ServicePoint SupportsCookieContainer Timeout TransferEncoding UnsafeAuthenticatedConnectionSharing UseDefaultCredentials UserAgent",
        "Abort AddRange BeginGetRequestStream BeginGetResponse EndGetRequestStream EndGetResponse GetRequestStream GetRequestStreamAsync GetResponse GetResponseAsync",
    ),
    Members::new(
        "System.Net.HttpWebResponse",
        "CharacterSet ContentEncoding ContentLength ContentType Cookies Headers IsFromCache IsMutuallyAuthenticated LastModified Method ProtocolVersion ResponseUri Server StatusCode StatusDescription SupportsHeaders",
        "Close Dispose GetResponseHeader GetResponseStream",
    ),
    Members::new(
        "System.Management.Automation.Internal.Host.InternalHost",
        "CurrentCulture CurrentUICulture DebuggerEnabled InstanceId IsRunspacePushed Name PrivateData Runspace UI Version",
        "EnterNestedPrompt ExitNestedPrompt NotifyBeginApplication NotifyEndApplication PopRunspace PushRunspace SetShouldExit",
    ),
    Members::new(
        "System.Management.Automation.Host.PSHostUserInterface",
        "RawUI SupportsVirtualTerminal",
        "Prompt PromptForChoice PromptForCredential ReadLine ReadLineAsSecureString Write WriteDebugLine WriteErrorLine WriteInformation WriteLine WriteProgress WriteVerboseLine WriteWarningLine",
    ),
    Members::new(
        "System.Management.Automation.Host.PSHostRawUserInterface",
        "BackgroundColor BufferSize CursorPosition CursorSize ForegroundColor KeyAvailable MaxPhysicalWindowSize MaxWindowSize WindowPosition WindowSize WindowTitle",
        "FlushInputBuffer GetBufferContents LengthInBufferCells NewBufferCellArray ReadKey ScrollBufferContents SetBufferContents",
    ),
    Members::new(
        "System.Collections.Specialized.NameValueCollection",
        "AllKeys Count IsReadOnly IsSynchronized Keys SyncRoot",
        "Add Clear CopyTo Get GetEnumerator GetKey GetValues HasKeys Remove Set",
    ),
    Members::new(
        "System.Web.HttpUtility+HttpQSCollection",
        "AllKeys Count IsReadOnly IsSynchronized Keys SyncRoot",
        "Add Clear CopyTo Get GetEnumerator GetKey GetValues HasKeys Remove Set",
    ),
    Members::new(
        "System.Net.WebHeaderCollection",
        "AllKeys Count IsReadOnly IsSynchronized Keys SyncRoot",
        "Add Clear CopyTo Get GetEnumerator GetKey GetValues HasKeys Remove Set ToByteArray",
    ),
    Members::new(
        "System.Diagnostics.Stopwatch",
        "Elapsed ElapsedMilliseconds ElapsedTicks IsRunning",
        "Reset Restart Start Stop",
    ),
    Members::new(
        "System.IO.FileInfo",
        FILE_PROPERTIES,
        "AppendText CopyTo Create CreateAsSymbolicLink CreateText Decrypt Delete Encrypt MoveTo Open OpenRead OpenText OpenWrite Refresh Replace ResolveLinkTarget",
    ),
    Members::new(
        "System.IO.DirectoryInfo",
        FOLDER_PROPERTIES,
        "Create CreateAsSymbolicLink CreateSubdirectory Delete EnumerateDirectories EnumerateFiles EnumerateFileSystemInfos GetDirectories GetFiles GetFileSystemInfos MoveTo Refresh ResolveLinkTarget",
    ),
    Members::new(
        "System.Xml.XmlDocument",
        "Attributes BaseURI ChildNodes DocumentElement DocumentType FirstChild HasChildNodes Implementation InnerText InnerXml IsReadOnly LastChild LocalName Name NamespaceURI NameTable NextSibling NodeType OuterXml OwnerDocument ParentNode Prefix PreserveWhitespace PreviousSibling PreviousText SchemaInfo Schemas Value XmlResolver",
        "AppendChild Clone CloneNode CreateAttribute CreateCDataSection CreateComment CreateDocumentFragment CreateDocumentType CreateElement CreateEntityReference CreateNavigator CreateNode CreateProcessingInstruction CreateSignificantWhitespace CreateTextNode CreateWhitespace CreateXmlDeclaration GetElementById GetElementsByTagName GetEnumerator GetNamespaceOfPrefix GetPrefixOfNamespace ImportNode InsertAfter InsertBefore Load LoadXml Normalize PrependChild ReadNode RemoveAll RemoveChild ReplaceChild Save SelectNodes SelectSingleNode Supports Validate WriteContentTo WriteTo",
    ),
    Members::new(
        "System.Xml.XmlElement",
        "Attributes BaseURI ChildNodes FirstChild HasAttributes HasChildNodes InnerText InnerXml IsEmpty IsReadOnly LastChild LocalName Name NamespaceURI NextSibling NodeType OuterXml OwnerDocument ParentNode Prefix PreviousSibling PreviousText SchemaInfo Value",
        "AppendChild Clone CloneNode CreateNavigator GetAttribute GetAttributeNode GetElementsByTagName GetEnumerator GetNamespaceOfPrefix GetPrefixOfNamespace HasAttribute InsertAfter InsertBefore Normalize PrependChild RemoveAll RemoveAllAttributes RemoveAttribute RemoveAttributeAt RemoveAttributeNode RemoveChild ReplaceChild SelectNodes SelectSingleNode SetAttribute SetAttributeNode Supports WriteContentTo WriteTo",
    ),
    Members::new("System.Xml.XmlAttribute", NODE_PROPERTIES, NODE_METHODS),
    Members::new("System.Xml.XmlText", NODE_PROPERTIES, NODE_METHODS),
    Members::new("System.Xml.XmlComment", NODE_PROPERTIES, NODE_METHODS),
    Members::new("System.Xml.XmlCDataSection", NODE_PROPERTIES, NODE_METHODS),
    Members::new(
        "System.Management.Automation.ErrorRecord",
        "CategoryInfo ErrorDetails Exception FullyQualifiedErrorId InvocationInfo PSMessageDetails PipelineIterationInfo ScriptStackTrace TargetObject",
        "GetObjectData",
    ),
    Members::new(
        "System.Management.Automation.ScriptBlock",
        "Ast Attributes DebuggerHidden File Id IsConfiguration IsFilter Module StartPosition",
        "CheckRestrictedLanguage GetNewClosure GetPowerShell GetSteppablePipeline Invoke InvokeReturnAsIs InvokeWithContext",
    ),
    Members::new(
        "System.Management.Automation.PSCredential",
        "Password UserName",
        "GetNetworkCredential GetObjectData",
    ),
    Members::new(
        "System.Net.NetworkCredential",
        "Domain Password SecurePassword UserName",
        "GetCredential",
    ),
    Members::new(
        "System.Security.SecureString",
        "Length",
        "AppendChar Clear Copy Dispose InsertAt IsReadOnly MakeReadOnly RemoveAt SetAt",
    ),
    Members::new(
        "System.RuntimeType",
        "Assembly AssemblyQualifiedName Attributes BaseType ContainsGenericParameters CustomAttributes DeclaredConstructors DeclaredEvents DeclaredFields DeclaredMembers DeclaredMethods DeclaredProperties DeclaringMethod DeclaringType FullName GUID GenericTypeArguments GenericTypeParameters HasElementType ImplementedInterfaces IsAbstract IsArray IsClass IsEnum IsGenericType IsGenericTypeDefinition IsInterface IsNested IsPrimitive IsPublic IsSealed IsSerializable IsSubclassOf IsValueType IsVisible MemberType Module Name Namespace ReflectedType TypeHandle UnderlyingSystemType",
        "GetConstructor GetConstructors GetElementType GetEnumName GetEnumNames GetEnumUnderlyingType GetEnumValues GetField GetFields GetGenericArguments GetInterface GetInterfaces GetMember GetMembers GetMethod GetMethods GetProperties GetProperty InvokeMember IsAssignableFrom IsAssignableTo IsInstanceOfType IsSubclassOf MakeArrayType MakeGenericType",
    ),
    Members::new(
        "System.Management.Automation.CommandInfo",
        "CmdletBinding CommandType DefaultParameterSet Definition Description DisplayName HelpFile HelpUri Module ModuleName Name Noun Options OutputType ParameterSets Parameters Path ReferencedCommand RemotingCapability ResolvedCommand ResolvedCommandName ScriptBlock Source Verb Version Visibility",
        "ResolveParameter",
    ),
    Members::new(
        "System.Management.Automation.ParameterMetadata",
        "Aliases Attributes IsDynamic Name ParameterSets ParameterType SwitchParameter",
        "",
    ),
    Members::new(
        "System.Management.Automation.InvocationInfo",
        "BoundParameters CommandOrigin DisplayScriptPosition ExpectingInput HistoryId InvocationName Line MyCommand OffsetInLine PSCommandPath PSScriptRoot PipelineLength PipelinePosition PositionMessage ScriptLineNumber ScriptName Statement UnboundArguments",
        "GetFullStatement",
    ),
    Members::new(
        "System.Management.Automation.PSVariable",
        "Attributes Description Module ModuleName Name Options Value Visibility",
        "IsValidValue",
    ),
    Members::new(
        "System.Management.Automation.Internal.Host.InternalHost",
        "CurrentCulture CurrentUICulture DebuggerEnabled InstanceId IsRunspacePushed Name PrivateData Runspace UI Version",
        "",
    ),
    Members::new(
        "Microsoft.PowerShell.Commands.MatchInfo",
        "Context Filename IgnoreCase Line LineNumber Matches Path Pattern",
        "RelativePath ToEmphasizedString",
    ),
    Members::new(
        "Microsoft.PowerShell.Commands.WebResponseObject",
        "BaseResponse Content Headers RawContent RawContentLength RawContentStream RelationLink StatusCode StatusDescription",
        "",
    ),
    Members::new(
        "Microsoft.PowerShell.Commands.BasicHtmlWebResponseObject",
        "BaseResponse Content Encoding Headers Images InputFields Links RawContent RawContentLength RawContentStream RelationLink StatusCode StatusDescription",
        "",
    ),
];

/// What the exceptions have in common, and those of PowerShell and of single types that scripts ask for.
const EXCEPTION: Members = Members::new(
    "System.Exception",
    "Data HResult HelpLink InnerException Message Source StackTrace TargetSite",
    "GetBaseException GetObjectData",
);

/// The members of the value's type, if they are known.
pub fn of(value: &Value) -> Option<&'static Members> {
    let name = match value {
        Value::Null | Value::Nothing => return None,
        Value::Object(object) if object.class.is_some() || object.is_custom() => return None,
        Value::Array(_) => "System.Array".to_owned(),
        Value::Net(object) => {
            if value.downcast::<crate::value::Exception>().is_some() {
                return Some(&EXCEPTION);
            }
            object.type_name().to_owned()
        }
        other => other.type_name(),
    };
    let plain = name.split('`').next().unwrap_or(&name);
    TYPES.iter().find(|members| members.of == plain)
}

/// Whether the value's own type has a property of that name in .NET.
pub fn has_property(value: &Value, name: &str) -> bool {
    of(value).is_some_and(|members| {
        members
            .properties()
            .any(|known| known.eq_ignore_ascii_case(name))
    })
}

/// Whether the value's own type has a method of that name in .NET.
pub fn has_method(value: &Value, name: &str) -> bool {
    of(value).is_some_and(|members| {
        members
            .methods()
            .any(|known| known.eq_ignore_ascii_case(name))
    })
}
