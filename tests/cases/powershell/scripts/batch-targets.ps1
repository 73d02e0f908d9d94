<#
.SYNOPSIS
    Deploys to targets in batches: a first one alone, then groups, and stops when too many fail.
#>
[CmdletBinding()]
param(
    [ValidateRange(1, 50)] [int] $BatchSize = 3,
    [ValidateRange(0, 1)] [double] $Tolerance = 0.34
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Split-Batch {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] [object] $InputObject,
        [Parameter(Mandatory)] [int] $Size,
        [int] $First = $Size
    )
    begin {
        $batch = [System.Collections.Generic.List[object]]::new()
        $limit = $First
    }
    process {
        $batch.Add($InputObject)
        if ($batch.Count -ge $limit) {
            , $batch.ToArray()
            $batch.Clear()
            $limit = $Size
        }
    }
    end { if ($batch.Count) { , $batch.ToArray() } }
}

function Invoke-Deployment([string] $Target) {
    switch -Wildcard ($Target) {
        'web*4' { throw "${Target}: connection refused" }
        'db*' { throw [System.TimeoutException]::new("${Target}: timed out") }
        default { "$_ ok" }
    }
}

$targets = @(1..6 | ForEach-Object { 'web{0:00}' -f $_ }) + 'db01', 'db02', 'db03', 'cache01'
"$($targets.Count) targets: $($targets[0]) .. $($targets[-1])"

$results = [ordered]@{}
$number = 0
foreach ($batch in $targets | Split-Batch -Size $BatchSize -First 1) {
    $number++
    Write-Host ('batch {0}: {1}' -f $number, ($batch -join ' '))
    $failed = 0
    foreach ($target in $batch) {
        try {
            $results[$target] = Invoke-Deployment $target
        }
        catch [System.TimeoutException] {
            $failed++
            $results[$target] = "timeout ($($_.Exception.Message.Split(': ')[-1]))"
        }
        catch {
            $failed++
            $results[$target] = "error ($_)"
        }
    }
    $rate = $failed / $batch.Count
    if ($rate -gt $Tolerance) {
        Write-Warning ('{0} of {1} failed; not going on' -f $failed, $batch.Count)
        break
    }
}

$results.GetEnumerator() | ForEach-Object { '  {0,-8}{1}' -f $_.Name, $_.Value }
$skipped = $targets | Where-Object { -not $results.Contains($_) }
"not tried: $($skipped -join ', ')"

# Round robin over zones, so that a batch never empties one.
$zones = 'a', 'b', 'c'
$assigned = for ($i = 0; $i -lt $targets.Count; $i++) {
    [pscustomobject]@{ Zone = $zones[$i % $zones.Count]; Target = $targets[$i] }
}
$assigned | Group-Object Zone | ForEach-Object { "zone $($_.Name): $($_.Group.Target -join ' ')" }

# The same with slices.
$size = 4
$slices = for ($at = 0; $at -lt $targets.Count; $at += $size) {
    , $targets[$at..([Math]::Min($at + $size, $targets.Count) - 1)]
}
"slices: $(($slices | ForEach-Object { $_.Count }) -join ', ')"
$chunks = [Math]::Ceiling($targets.Count / $size)
"chunks: $chunks, full: $([Math]::Floor($targets.Count / $size)), rest: $($targets.Count % $size)"
exit @($results.Values -like 'error*').Count + @($results.Values -like 'timeout*').Count
