<#
.SYNOPSIS
    Shifts traffic to a canary in steps and stops when its error rate is worse than the stable one's.
#>
[CmdletBinding()]
param(
    [ValidateCount(1, 10)] [ValidateRange(1, 100)] [int[]] $Steps = @(5, 10, 25, 50, 100),
    [ValidateScript({ $_ -gt 0 -and $_ -lt 1 })] [double] $MaxErrorRate = 0.02
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Get-Split {
    # Whole percents that add up to 100, the largest remainder first.
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Weights)
    $total = ($Weights.Values | Measure-Object -Sum).Sum
    if ($total -le 0) { throw 'weights must add up to something' }
    $shares = foreach ($name in $Weights.Keys) {
        $exact = 100 * $Weights[$name] / $total
        [pscustomobject]@{ Name = $name; Percent = [int][Math]::Floor($exact); Rest = $exact - [Math]::Floor($exact) }
    }
    $missing = 100 - ($shares | Measure-Object Percent -Sum).Sum
    $shares | Sort-Object Rest -Descending -Stable | Select-Object -First $missing | ForEach-Object { $_.Percent++ }
    $shares
}

"thirds: $((Get-Split ([ordered]@{ a = 1; b = 1; c = 1 }) | ForEach-Object { "$($_.Name)=$($_.Percent)" }) -join ' ')"
"odd: $((Get-Split ([ordered]@{ a = 3; b = 2.5; c = 1.5 })).Percent -join '/')"
try { Get-Split @{ a = 0 } } catch { "refused: $_" }

# What monitoring said at every step: requests and errors of the canary.
$samples = [System.Collections.Generic.Queue[object]]::new()
@( @(200, 1), @(410, 6), @(1000, 31), @(0, 0) ) | ForEach-Object { $samples.Enqueue($_) }

function Get-Verdict {
    param([int] $Requests, [int] $Errors, [double] $Limit)
    if ($Requests -lt 50) { return 'unknown' }
    $rate = $Errors / $Requests
    if ($rate -le $Limit / 2) { 'good' } elseif ($rate -le $Limit) { 'fair' } else { 'bad' }
}

$log = [System.Collections.ArrayList]@()
$live = 0
:rollout foreach ($percent in $Steps) {
    Write-Verbose "shifting to $percent %"
    $live = $percent
    $requests, $errors = $samples.Dequeue()
    $verdict = Get-Verdict $requests $errors $MaxErrorRate
    [void] $log.Add([pscustomobject]@{
        Percent = $percent
        Rate    = if ($requests) { '{0:0.00}%' -f (100 * $errors / $requests) } else { 'n/a' }
        Verdict = $verdict
    })
    switch ($verdict) {
        'good' { continue }
        'fair' { Write-Host "watching closely at $percent%" }
        { $_ -in 'bad', 'unknown' } {
            $live = 0
            break rollout
        }
    }
}

$log | Format-Table -AutoSize
"left in the queue: $($samples.Count)"
"live at the end: $live%"
$next = $Steps | Where-Object { $_ -gt 10 } | Select-Object -First 1
"next step after 10 would be $next"

# Rounding, as everybody argues about it.
2.5, 3.5, -2.5 | ForEach-Object { '{0}: round {1}, away {2}, int {3}, floor {4}, trunc {5}' -f $_, [Math]::Round($_), [Math]::Round($_, [MidpointRounding]::AwayFromZero), [int]$_, [Math]::Floor($_), [Math]::Truncate($_) }
$half = [decimal]0.1 + [decimal]0.2
"decimal: $($half -eq [decimal]0.3); double: $((0.1 + 0.2) -eq 0.3)"
[Math]::Ceiling(100 / 3), (100 % 7), [Math]::Pow(2, 10), [Math]::Abs(-4), (7 -shr 1), (0xF -band 6) -join ' '
if ($live -eq 0) { exit 10 }
