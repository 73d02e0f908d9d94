<#
.SYNOPSIS
    Compares the settings of environments and says what is missing, different or odd.
#>
[CmdletBinding()]
param(
    [string[]] $Ignore = @('*.Password', 'Build.*')
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$staging = @'
Database.Server = sql-stg.internal
Database.Name = shop
Database.Password = one
Cache.Ttl = 60
Feature.Checkout = true
Build.Number = 118
Log.Level = Debug
'@
$production = @'
Database.Server = sql-prd.internal
Database.Name = shop
Database.Password = two
Cache.Ttl = 600
Log.Level = debug
Build.Number = 110
Alert.Mail = ops@example.com
'@

function ConvertFrom-Settings {
    [CmdletBinding()]
    param([Parameter(ValueFromPipeline)] [string] $Text)
    process { ConvertFrom-StringData -StringData $Text }
}

function Compare-Settings {
    [CmdletBinding()]
    param([hashtable] $Left, [hashtable] $Right, [string[]] $Ignore = @(), [switch] $CaseSensitive)

    $keys = @($Left.Keys) + @($Right.Keys) | Sort-Object -Unique
    foreach ($key in $keys) {
        if ($Ignore | Where-Object { $key -like $_ }) { continue }
        $inLeft, $inRight = $Left.ContainsKey($key), $Right.ContainsKey($key)
        $isSame = if ($CaseSensitive) { $Left[$key] -ceq $Right[$key] } else { $Left[$key] -eq $Right[$key] }
        $state = if (-not $inRight) { 'removed' } elseif (-not $inLeft) { 'added' } elseif ($isSame) { 'same' } else { 'changed' }
        [pscustomobject]@{ Key = $key; Left = $Left[$key]; Right = $Right[$key]; State = $state }
    }
}

$a = $staging | ConvertFrom-Settings
$b = $production | ConvertFrom-Settings
"$($a.Count) and $($b.Count) settings of type $($a.GetType().Name)"

$result = Compare-Settings -Left $a -Right $b -Ignore $Ignore
$result | Where-Object State -ne 'same' | Format-Table Key, State, Left, Right
$strict = Compare-Settings -Left $a -Right $b -Ignore $Ignore -CaseSensitive
"minding case: $((@($strict | Where-Object State -eq changed).Count)) changed"

$counts = $result | Group-Object State -NoElement
$summary = @{}
foreach ($group in $counts) { $summary[$group.Name] = $group.Count }
($summary.Keys | Sort-Object | ForEach-Object { "$($summary[$_]) $_" }) -join ', '

# The same as a Markdown table for the release notes.
$lines = @('| Key | Staging | Production |', '|---|---|---|')
$lines += $result | Where-Object { $_.State -in 'added', 'removed' } | ForEach-Object {
    '| {0} | {1} | {2} |' -f $_.Key, ($_.Left ?? '-'), ($_.Right ?? '-')
}
$lines -join "`n" | Set-Content report.md
Get-Content report.md

# And as JSON for a machine, sorted, nulls included.
$result | Where-Object State -eq 'removed' | Select-Object Key, Right | ConvertTo-Json -Compress -AsArray
$result | Where-Object Key -like 'Database.*' | ForEach-Object { $_.Key.Split('.')[-1] }
$odd = $result | Where-Object { $_.Left -match '^\d+$' -and $_.Right -match '^\d+$' -and [int]$_.Right -gt 5 * [int]$_.Left }
foreach ($item in $odd) { Write-Warning ('{0} is {1:N0} times as large in production' -f $item.Key, ([int]$item.Right / [int]$item.Left)) }
if ($result.State -contains 'removed') { exit 1 }
