<#
.SYNOPSIS
    Finds the next maintenance window and says whether a deployment of some length fits into it.
#>
[CmdletBinding()]
param(
    [datetime] $Now = '2024-03-28T21:15:00',
    [timespan] $Duration = '01:30:00'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$windows = @'
[
  { "day": "Tuesday",  "start": "22:00", "hours": 4 },
  { "day": "Thursday", "start": "20:00", "hours": 2.5 },
  { "day": "Saturday", "start": "23:30", "hours": 3 }
]
'@ | ConvertFrom-Json
$freezes = @(
    @{ From = [datetime]'2024-03-30'; To = [datetime]'2024-04-02'; Why = 'Easter' }
)

function Get-NextWindow {
    [CmdletBinding()]
    param([Parameter(Mandatory)] $Windows, [Parameter(Mandatory)] [datetime] $After, [int] $Days = 14)
    $found = foreach ($offset in -1..$Days) {
        $date = $After.Date.AddDays($offset)
        foreach ($window in $Windows) {
            if ($date.DayOfWeek -ne [DayOfWeek] $window.day) { continue }
            $start = $date + [timespan]::Parse($window.start)
            $end = $start.AddHours($window.hours)
            if ($end -gt $After) { [pscustomobject]@{ Start = $start; End = $end } }
        }
    }
    $found | Sort-Object Start
}

function Test-Freeze([datetime] $Start, [datetime] $End) {
    foreach ($freeze in $freezes) {
        if ($Start -lt $freeze.To -and $End -gt $freeze.From) { return $freeze.Why }
    }
    return $null
}

function Format-Span([timespan] $Span) {
    $parts = @()
    if ($Span.Days) { $parts += "$($Span.Days)d" }
    if ($Span.Hours) { $parts += "$($Span.Hours)h" }
    if ($Span.Minutes -or -not $parts) { $parts += "$($Span.Minutes)m" }
    $parts -join ' '
}

"now: $($Now.ToString('ddd dd MMM HH:mm'))"
$chosen = $null
foreach ($window in Get-NextWindow -Windows $windows -After $Now) {
    $start = if ($window.Start -gt $Now) { $window.Start } else { $Now }
    $left = $window.End - $start
    $label = '{0:ddd dd MMM HH:mm} - {1:ddd HH:mm}' -f $window.Start, $window.End
    $why = Test-Freeze $start ($start + $Duration)
    if ($why) { "$label  frozen: $why"; continue }
    if ($left -lt $Duration) { "$label  too short: $(Format-Span $left) left"; continue }
    "$label  fits, in $(Format-Span ($start - $Now))"
    $chosen = $start
    break
}
if ($null -eq $chosen) { throw 'no window in sight' }

"start: $($chosen.ToString('yyyy-MM-ddTHH:mm:ss')), end: $(($chosen + $Duration).ToString('s'))"
"unix: $(([DateTimeOffset]::new($chosen, [timespan]::Zero)).ToUnixTimeSeconds())"
"week: $([Math]::Floor(($chosen.DayOfYear - 1) / 7) + 1), day $($chosen.DayOfYear) of a leap year: $([datetime]::IsLeapYear($chosen.Year))"
"month ends in $([datetime]::DaysInMonth($chosen.Year, $chosen.Month) - $chosen.Day) days"

# Deadlines and ages.
$span = New-TimeSpan -Start $Now -End $chosen
"{0:N1} hours, {1} minutes, {2:hh\:mm\:ss}" -f $span.TotalHours, $span.TotalMinutes, $span
$certificates = [ordered]@{ shop = '2024-04-10'; api = '2025-01-01'; old = '2024-03-01' }
foreach ($name in $certificates.Keys) {
    $days = ([datetime] $certificates[$name] - $Now.Date).Days
    $state = switch ($days) {
        { $_ -lt 0 } { 'expired'; break }
        { $_ -lt 30 } { 'renew'; break }
        default { 'fine' }
    }
    '{0,-5}{1,5} days  {2}' -f $name, $days, $state
}
$cron = '30 2 * * 1-5'
$minute, $hour, $rest = $cron -split ' ', 3
"cron: at {0:00}:{1:00}, {2}" -f [int]$hour, [int]$minute, ($rest -split ' ' | Select-Object -Last 1)
$parsed = [datetime]::ParseExact('28/03/2024 21.15', 'dd/MM/yyyy HH.mm', [cultureinfo]::InvariantCulture)
"same moment: $($parsed -eq $Now)"
(Get-Date '2024-01-31').AddMonths(1).ToString('yyyy-MM-dd')
