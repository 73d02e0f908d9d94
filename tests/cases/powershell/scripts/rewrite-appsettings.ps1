<#
.SYNOPSIS
    Writes the settings of one environment into appsettings.json.
.DESCRIPTION
    Takes pairs such as 'Logging:LogLevel:Default' = 'Warning', finds their place in the document and keeps the
    type of the value that stands there. Missing sections are made.
.PARAMETER Environment
    Whose values are written.
.EXAMPLE
    ./rewrite-appsettings.ps1 -Environment Staging
#>
[CmdletBinding()]
param(
    [ValidateSet('Development', 'Staging', 'Production')]
    [string] $Environment = 'Production',

    [string] $Root = (Join-Path -Path $PWD -ChildPath 'site')
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Set-JsonSetting {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [pscustomobject] $Document,
        [Parameter(Mandatory)] [ValidateNotNullOrEmpty()] [string] $Path,
        [Parameter(Mandatory)] [AllowEmptyString()] [string] $Value
    )

    $segments = $Path -split ':'
    $node = $Document
    foreach ($segment in $segments | Select-Object -SkipLast 1) {
        if (-not $node.PSObject.Properties[$segment]) {
            Write-Verbose "making section '$segment' of '$Path'"
            $node | Add-Member -NotePropertyName $segment -NotePropertyValue ([pscustomobject]@{})
        }
        $node = $node.$segment
    }

    $leaf = $segments[-1]
    $old = $node.PSObject.Properties[$leaf]
    if ($null -eq $old) {
        $node | Add-Member -NotePropertyName $leaf -NotePropertyValue $Value
        return [pscustomobject]@{ Path = $Path; Old = '(none)'; New = $Value }
    }

    $before = $old.Value
    $node.$leaf = switch ($before) {
        { $_ -is [bool] } { [bool]::Parse($Value) }
        { $_ -is [long] -or $_ -is [int] } { [long] $Value }
        { $_ -is [double] } { [double] $Value }
        default { $Value }
    }
    [pscustomobject]@{ Path = $Path; Old = "$before"; New = $node.$leaf }
}

# What the package brings.
$null = New-Item -ItemType Directory -Path $Root -Force
$file = Join-Path $Root 'appsettings.json'
@'
{
  "Logging": { "LogLevel": { "Default": "Debug", "Microsoft": "Information" } },
  "Cache": { "Enabled": false, "Seconds": 30, "Factor": 1.5 },
  "Servers": [ "a.local", "b.local" ],
  "Title": "Shop"
}
'@ | Set-Content -Path $file

$values = [ordered]@{
    'Logging:LogLevel:Default' = if ($Environment -eq 'Production') { 'Warning' } else { 'Information' }
    'Cache:Enabled'            = 'true'
    'Cache:Seconds'            = '600'
    'Cache:Factor'             = '2.25'
    'Title'                    = "Shop ($Environment)"
    'Telemetry:Sampling:Rate'  = '0.1'
}

$document = Get-Content -Path $file -Raw | ConvertFrom-Json
$changes = foreach ($entry in $values.GetEnumerator()) {
    Set-JsonSetting -Document $document -Path $entry.Key -Value $entry.Value
}
$changes | Format-Table -AutoSize
$document | ConvertTo-Json -Depth 10 | Set-Content -Path $file

Write-Host "--- $(Split-Path $file -Leaf)"
Get-Content $file
$again = Get-Content $file -Raw | ConvertFrom-Json
"enabled is a $($again.Cache.Enabled.GetType().Name), seconds a $($again.Cache.Seconds.GetType().Name)"
"$(@($changes).Count) settings written"
