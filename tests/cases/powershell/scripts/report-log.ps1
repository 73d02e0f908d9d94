<#
.SYNOPSIS
    Reads an application's log and writes a report: levels, slow requests, errors by kind, a CSV.
#>
[CmdletBinding()]
param(
    [string] $Log = 'app.log',
    [int] $SlowMs = 500
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

@'
2024-03-01 10:00:01.120 [INFO ] web01 GET /cart 200 35ms
2024-03-01 10:00:02.480 [WARN ] web02 GET /search?q=a 200 812ms
2024-03-01 10:00:03.000 [ERROR] web01 POST /order 500 91ms
System.TimeoutException: The database did not answer
   at Shop.Orders.Save()
2024-03-01 10:00:04.250 [INFO ] web02 GET /cart 200 41ms
2024-03-01 10:01:00.000 [ERROR] web02 POST /order 500 1207ms
System.TimeoutException: The database did not answer
2024-03-01 10:01:05.000 [ERROR] web02 GET /item/7 404 3ms
Shop.NotFoundException: item 7
2024-03-01 10:02:00.000 [INFO ] web01 GET /health 200 1ms
not a log line
'@ | Set-Content $Log

$pattern = '^(?<time>\S+ \S+) \[(?<level>\w+)\s*\] (?<host>\S+) (?<verb>[A-Z]+) (?<path>[^\s?]+)\S* (?<status>\d{3}) (?<ms>\d+)ms$'

$entries = foreach ($found in Select-String -Path $Log -Pattern $pattern) {
    $groups = $found.Matches[0].Groups
    [pscustomobject]@{
        Line   = $found.LineNumber
        Time   = [datetime]::ParseExact($groups['time'].Value, 'yyyy-MM-dd HH:mm:ss.fff', [cultureinfo]::InvariantCulture)
        Level  = $groups['level'].Value
        Host   = $groups['host'].Value
        Verb   = $groups['verb'].Value
        Path   = $groups['path'].Value
        Status = [int] $groups['status'].Value
        Ms     = [int] $groups['ms'].Value
    }
}

"entries: $($entries.Count) of $((Get-Content $Log | Measure-Object -Line).Lines) lines"
$entries | Group-Object Level -NoElement | Sort-Object @{ Expression = 'Count'; Descending = $true }, Name

'Slow:'
$entries | Where-Object { $_.Ms -gt $SlowMs } | Sort-Object Ms -Descending |
    ForEach-Object { '  line {0}: {1} {2} took {3:N0} ms' -f $_.Line, $_.Verb, $_.Path, $_.Ms }

'By host:'
$entries | Group-Object Host | ForEach-Object {
    $stats = $_.Group | Measure-Object Ms -Average -Maximum
    [pscustomobject]@{
        Host    = $_.Name
        Calls   = $_.Count
        Errors  = @($_.Group | Where-Object Status -ge 500).Count
        Average = '{0:N1}' -f $stats.Average
        Max     = [int] $stats.Maximum
    }
} | Format-Table

'Exceptions:'
Select-String -Path $Log -Pattern '^(?:\w+\.)+(\w+Exception): (.+)$' |
    ForEach-Object { $_.Matches.Groups[1].Value } |
    Group-Object |
    Sort-Object @{ Expression = 'Count'; Descending = $true }, Name |
    ForEach-Object { "  $($_.Count) x $($_.Name)" }

$first, $last = ($entries | Measure-Object Time -Minimum -Maximum).ForEach({ $_.Minimum, $_.Maximum })
"span: $($last - $first), $([Math]::Round(($last - $first).TotalMinutes, 2)) minutes"

$entries | Where-Object Level -eq 'ERROR' |
    Select-Object @{ n = 'At'; e = { $_.Time.ToString('HH:mm:ss') } }, Host, Path, Status |
    Export-Csv -Path errors.csv -NoTypeInformation
Get-Content errors.csv
$rows = Import-Csv errors.csv
"rate: $('{0:N1}' -f (100 * $rows.Count / $entries.Count))%"
$context = Select-String -Path $Log -Pattern '/item/7' -Context 1, 1
$context.Context.PostContext
[bool](Select-String -Path $Log -Pattern 'OutOfMemory' -SimpleMatch -Quiet)
