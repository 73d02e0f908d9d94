# Octopus's helpers for scripts in PowerShell. Put in front of a call of `Invoke-SeawallScript`.
$ErrorActionPreference = 'Stop'
function Get-SeawallEncoded($Text) { [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes([string]$Text)) }
function Write-SeawallLevel($Level, $Message) {
    [Console]::WriteLine("##octopus[stdout-$Level]")
    [Console]::WriteLine([string]$Message)
    [Console]::WriteLine('##octopus[stdout-default]')
}
function Set-OctopusVariable([string]$Name, [string]$Value, [switch]$Sensitive) {
    $kind = if ($Sensitive) { 'True' } else { 'False' }
    [Console]::WriteLine("##octopus[setVariable name='$(Get-SeawallEncoded $Name)' value='$(Get-SeawallEncoded $Value)' sensitive='$(Get-SeawallEncoded $kind)']")
}
function New-OctopusArtifact([string]$Path, [string]$Name) {
    $file = Get-Item -LiteralPath $Path
    if (-not $Name) { $Name = $file.Name }
    [Console]::WriteLine("##octopus[createArtifact path='$(Get-SeawallEncoded $file.FullName)' name='$(Get-SeawallEncoded $Name)' length='$(Get-SeawallEncoded $file.Length)']")
}
function Update-Progress([int]$Percentage, [string]$Message) {
    [Console]::WriteLine("##octopus[progress percentage='$(Get-SeawallEncoded $Percentage)' message='$(Get-SeawallEncoded $Message)']")
}
function Fail-Step([string]$Message) {
    if ($Message) { [Console]::WriteLine("##octopus[resultMessage message='$(Get-SeawallEncoded $Message)']") }
    exit 1
}
function Write-Verbose([string]$Message) { Write-SeawallLevel 'verbose' $Message }
function Write-Highlight([string]$Message) { Write-SeawallLevel 'highlight' $Message }
function Write-Wait([string]$Message) { Write-SeawallLevel 'wait' $Message }
function Write-Warning([string]$Message) { Write-SeawallLevel 'warning' $Message }
$OctopusParameters = @{}
(Get-Content -Raw -LiteralPath $SeawallVariables | ConvertFrom-Json -AsHashtable).GetEnumerator() | ForEach-Object { $OctopusParameters[$_.Key] = $_.Value }
. $SeawallScript @args
if ($LASTEXITCODE) { exit $LASTEXITCODE }
