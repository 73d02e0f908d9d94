<#
.SYNOPSIS
    Text tables with -f, bars, aligned columns, and a summary, for logs that people read.
#>
[CmdletBinding()]
param([int] $Width = 20)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$data = @'
service,version,instances,healthy,cpu,updated
cart,1.10.2,4,4,0.314,2024-03-01T08:00:00
search,1.9.0,6,3,0.91,2024-02-11T17:30:00
mail,2.0.0-rc.1,1,0,,2023-12-24T00:00:00
'@ | ConvertFrom-Csv

function New-Bar([double] $Share, [int] $Width) {
    $full = [int] [Math]::Round($Share * $Width)
    ('#' * $full).PadRight($Width, '.')
}

$format = '| {0,-8} | {1,10} | {2,5} | {3} | {4,6} |'
$rule = '+{0}+{1}+{2}+{3}+{4}+' -f ('-' * 10), ('-' * 12), ('-' * 7), ('-' * ($Width + 2)), ('-' * 8)
$rule
$format -f 'service', 'version', 'up', 'health'.PadRight($Width), 'cpu'
$rule
foreach ($row in $data) {
    $share = [int] $row.healthy / [int] $row.instances
    $cpu = if ($row.cpu) { '{0:N1}%' -f (100 * [double] $row.cpu) } else { 'n/a' }
    $format -f $row.service, $row.version, "$($row.healthy)/$($row.instances)", (New-Bar $share $Width), $cpu
}
$rule

$totals = $data | Measure-Object -Property instances, healthy -Sum
foreach ($total in $totals) { '{0,-10}{1,4:D3}' -f $total.Property, [int] $total.Sum }

'{0,10:yyyy-MM-dd}|{1,-12:dddd}|{2:HH\hmm}' -f [datetime]'2024-03-01T08:05:00', [datetime]'2024-03-01', [datetime]'2024-03-01T08:05:00'
'{0:X4} {0:x} {1:D6} {2:E3} {3:#,##0.00} {4:0.#} {5,8:F3}|' -f 255, 42, 1234.5, 9876543.215, 2.0, [Math]::PI
'{{literal}} {0}' -f 'braces'
"{0,-6}{1,6}" -f 'left', 'right'
"$('{0:N0}' -f 1234567) items, $('{0:N2}' -f 0.005), $('{0:0.00}' -f 2.675)"
[string]::Format('{0} of {1}', 3, 7)
'-' * 12

$data | Select-Object service, @{ n = 'major'; e = { [int] $_.version.Split('.')[0] } }, @{ n = 'age'; e = { ([datetime] '2024-03-02' - [datetime] $_.updated).Days } } |
    Sort-Object age -Descending |
    Format-Table -AutoSize

$wide = $data | ForEach-Object { $_.service.ToUpper() }
$wide -join ' | '
$longest = ($data.service | Measure-Object -Property Length -Maximum).Maximum
"longest name: $longest"
$text = $data | Format-Table service, healthy -HideTableHeaders | Out-String
"text has $($text.Trim().Split("`n").Count) lines"
$list = $data[0] | Select-Object service, version | Out-String
$list.Trim()
