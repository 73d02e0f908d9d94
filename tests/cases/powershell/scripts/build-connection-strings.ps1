<#
.SYNOPSIS
    Builds connection strings from parts, reads them back, and prints them without their secrets.
#>
[CmdletBinding()]
param([string] $Environment = 'prod')

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function ConvertTo-ConnectionString {
    [OutputType([string])]
    param([Parameter(Mandatory, ValueFromPipeline)] [System.Collections.IDictionary] $Parts)
    process {
        $pairs = foreach ($key in $Parts.Keys) {
            $value = "$($Parts[$key])"
            if ($value -match '[;''"=]|^\s|\s$') { $value = '"{0}"' -f $value.Replace('"', '""') }
            "$key=$value"
        }
        $pairs -join ';'
    }
}

function ConvertFrom-ConnectionString {
    param([Parameter(Mandatory)] [string] $Text)
    $parts = [ordered]@{}
    foreach ($found in [regex]::Matches($Text, '(?<key>[^=;]+)=(?:"(?<quoted>(?:[^"]|"")*)"|(?<plain>[^;]*))(?:;|$)')) {
        $value = if ($found.Groups['quoted'].Success) { $found.Groups['quoted'].Value -replace '""', '"' }
            else { $found.Groups['plain'].Value }
        $parts[$found.Groups['key'].Value.Trim()] = $value
    }
    return $parts
}

function Hide-Secret {
    param([Parameter(Mandatory, ValueFromPipeline)] [string] $Text)
    process { $Text -replace '(?i)((?:password|pwd|accountkey)=)("(?:[^"]|"")*"|[^;]*)', '$1***' }
}

$defaults = [ordered]@{ Server = 'localhost'; Database = 'shop'; Encrypt = $true }
$overrides = @{
    dev  = @{ Encrypt = $false }
    prod = [ordered]@{ Server = 'tcp:sql.internal,1433'; 'User Id' = 'deploy'; Password = 'p;w"d='; 'Connect Timeout' = 30 }
}

if (-not $overrides.ContainsKey($Environment)) {
    throw [System.ArgumentException]::new("There is no environment '$Environment'.", 'Environment')
}

$merged = [ordered]@{}
foreach ($source in $defaults, $overrides[$Environment]) {
    foreach ($key in $source.Keys) { $merged[$key] = $source[$key] }
}

$text = $merged | ConvertTo-ConnectionString
$text | Hide-Secret
$back = ConvertFrom-ConnectionString $text
"password survives: $($back['Password'] -ceq 'p;w"d=')"
"keys: $($back.Keys -join '|')"
$back.GetEnumerator() | Where-Object Key -ne 'Password' | ForEach-Object { '{0,-16}: {1}' -f $_.Key, $_.Value }

# URLs with credentials, as other drivers want them.
$builder = [System.Text.StringBuilder]::new('postgresql://')
[void] $builder.Append([uri]::EscapeDataString($back['User Id'])).Append(':')
[void] $builder.Append([uri]::EscapeDataString($back['Password'])).Append('@')
[void] $builder.AppendFormat('{0}:{1}/{2}', 'pg.internal', 5432, $back['Database'])
$url = [uri] $builder.ToString()
"url: $($url.Scheme) $($url.Host) $($url.Port) $($url.AbsolutePath.Trim('/'))"
$user, $password = $url.UserInfo -split ':', 2
"credentials survive: $([uri]::UnescapeDataString($password) -ceq $back['Password']) for $user"

$base64 = [Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($text))
"encoded: $($base64.Length) characters, decodes: $([System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($base64)) -eq $text)"

foreach ($name in 'dev', 'test') {
    try {
        & {
            param($wanted)
            if ($wanted -notin $overrides.Keys) { throw [System.ArgumentException]::new("There is no environment '$wanted'.") }
            "${wanted}: $($overrides[$wanted].Count) override(s)"
        } $name
    }
    catch [System.ArgumentException] {
        "${name}: $($_.Exception.Message)"
    }
}
