<#
.SYNOPSIS
    A step as Octopus runs it: variables in, output variables, artifacts and progress out, levels of output.
#>
$ErrorActionPreference = 'Stop'

# Variables are there by their full name, and by a short one where that is a name.
$project = $OctopusParameters['Project.Name']
$port = [int] $OctopusParameters['Port']
Write-Host "Deploying $project on port $port"
if ($OctopusParameters['Project.Name'] -ne $ProjectName) { Fail-Step 'the short name differs' }
if (-not $OctopusParameters.ContainsKey('No.Such')) { Write-Verbose 'No.Such is not granted' }

$required = 'Project.Name', 'Port', 'Secret'
$absent = $required | Where-Object { [string]::IsNullOrWhiteSpace($OctopusParameters[$_]) }
if ($absent) { Fail-Step "Missing: $($absent -join ', ')" }

$steps = @(
    @{ Name = 'Stop site'; Run = { 'stopped' } }
    @{ Name = 'Copy files'; Run = { 1..3 | ForEach-Object { "file$_.dll" } } }
    @{ Name = 'Start site'; Run = { 'started' } }
)
for ($i = 0; $i -lt $steps.Count; $i++) {
    $percent = [int](100 * $i / $steps.Count)
    Update-Progress $percent $steps[$i].Name
    $result = & $steps[$i].Run
    Write-Host "$($steps[$i].Name): $(@($result).Count) line(s)"
}
Update-Progress 100 'Done'

$report = [ordered]@{ project = $project; port = $port; files = @(& $steps[1].Run) }
$report | ConvertTo-Json | Set-Content report.json

Set-OctopusVariable -Name 'Url' -Value "http://localhost:$port/"
Set-OctopusVariable 'Count' $report.files.Count
Set-OctopusVariable -Name 'Token' -Value 'abc' -Sensitive

Write-Highlight "See http://localhost:$port/"
Write-Wait 'waiting for the warm-up'
Write-Warning 'the certificate ends soon'

if ($report.files -notcontains 'file3.dll') { Fail-Step 'file3 is missing' }
Fail-Step "Nothing listens on $port yet"
Write-Host 'not reached'
