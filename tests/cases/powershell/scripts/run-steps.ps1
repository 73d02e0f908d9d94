<#
.SYNOPSIS
    Runs named steps with their parameters (splatting), measures them, and can skip, only list, or go on after failures.
.PARAMETER Skip
    Names of steps that don't run; wildcards are allowed.
.PARAMETER ListOnly
    Prints what would run.
#>
[CmdletBinding(DefaultParameterSetName = 'Run')]
param(
    [Parameter(ParameterSetName = 'Run')] [string[]] $Skip = @('Notify*'),
    [Parameter(ParameterSetName = 'List')] [switch] $ListOnly,
    [switch] $ContinueOnError
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function New-Folder {
    param([Parameter(Mandatory)] [string] $Path, [switch] $Clean)
    if ($Clean -and (Test-Path $Path)) { Remove-Item $Path -Recurse -Force }
    (New-Item -ItemType Directory -Path $Path -Force).Name
}

function Write-Settings {
    param(
        [Parameter(Mandatory)] [string] $Path,
        [Parameter(Mandatory)] [hashtable] $Values,
        [Parameter(ValueFromRemainingArguments)] [string[]] $Comments
    )
    $lines = @($Comments | Where-Object { $_ } | ForEach-Object { "# $_" })
    $lines += $Values.GetEnumerator() | Sort-Object Key | ForEach-Object { '{0}={1}' -f $_.Key, $_.Value }
    Set-Content -Path $Path -Value $lines
    "$($lines.Count) lines"
}

function Test-Settings {
    param([string] $Path, [string[]] $Expect)
    $text = Get-Content $Path -Raw
    foreach ($word in $Expect) {
        if (-not $text.Contains($word)) { throw "'$word' isn't in $(Split-Path $Path -Leaf)" }
    }
    'as expected'
}

function Send-Notice { param([string] $To) "sent to $To" }

$common = @{ Path = Join-Path 'out' 'app.ini' }
$steps = @(
    [ordered]@{ Name = 'Prepare'; Command = 'New-Folder'; Arguments = @{ Path = 'out'; Clean = $true } }
    [ordered]@{ Name = 'Configure'; Command = 'Write-Settings'; Arguments = $common + @{ Values = @{ port = 80; host = 'a' } }; Rest = @('made by', 'a script') }
    [ordered]@{ Name = 'Verify'; Command = 'Test-Settings'; Arguments = $common + @{ Expect = 'port=80', '# made by' } }
    [ordered]@{ Name = 'Notify team'; Command = 'Send-Notice'; Arguments = @{ To = 'team' } }
    [ordered]@{ Name = 'Verify again'; Command = 'Test-Settings'; Arguments = $common + @{ Expect = @('port=81') } }
    [ordered]@{ Name = 'Finish'; Command = { param($Word) "finished $Word" }; Arguments = @{ Word = 'well' } }
)

if ($ListOnly) { $steps.ForEach({ $_.Name }); return }

function Invoke-Step {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [System.Collections.IDictionary] $Step)
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $arguments = $Step.Arguments
    $rest = if ($Step.Contains('Rest')) { $Step.Rest } else { @() }
    $state, $detail = 'ok', ''
    try { $detail = & $Step.Command @arguments @rest }
    catch { $state, $detail = 'failed', $_.Exception.Message }
    $clock.Stop()
    [pscustomobject]@{ Name = $Step.Name; State = $state; Detail = $detail; Took = $clock.Elapsed }
}

$results = foreach ($step in $steps) {
    $name = $step.Name
    if ($Skip.Where({ $name -like $_ })) {
        [pscustomobject]@{ Name = $name; State = 'skipped'; Detail = $null; Took = [timespan]::Zero }
        continue
    }
    Write-Verbose "running $name"
    $result = Invoke-Step -Step $step
    $result
    if ($result.State -eq 'failed' -and -not $ContinueOnError) {
        Write-Host "stopped at '$name'"
        break
    }
}

$results | Select-Object Name, State, Detail | Format-Table -AutoSize
Get-Content $common.Path
"all quick: $(@($results | Where-Object { $_.Took.TotalSeconds -gt 5 }).Count -eq 0)"
"set: $($PSCmdlet.ParameterSetName); bound: $($PSBoundParameters.Count)"
"left out: $(($steps.Name | Where-Object { $_ -notin $results.Name }) -join ', ')"
$failed = @($results | Where-Object State -eq 'failed')
exit $failed.Count
