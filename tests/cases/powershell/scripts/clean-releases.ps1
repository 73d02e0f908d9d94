<#
.SYNOPSIS
    Removes old release folders: keeps the current one, the newest few, and whatever is younger than some days.
.EXAMPLE
    ./clean-releases.ps1 -Keep 2 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [string] $Root = './releases',
    [ValidateRange(1, 100)] [int] $Keep = 2,
    [int] $MinimumAgeDays = 30,
    [datetime] $Now = '2024-03-10T12:00:00'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Releases with their age in days.
$ages = [ordered]@{ '1.0.0' = 120; '1.1.0' = 90; '1.2.0' = 60; '1.9.0' = 45; '1.10.0' = 20; 'tmp' = 200; '1.11.0' = 1 }
foreach ($name in $ages.Keys) {
    $folder = New-Item -ItemType Directory -Path (Join-Path $Root $name) -Force
    Set-Content (Join-Path $folder 'app.dll') ('x' * 1000 * ($ages[$name] % 7 + 1)) -NoNewline
    $folder.LastWriteTime = $Now.AddDays(-$ages[$name])
}
Set-Content (Join-Path $Root 'current.txt') '1.1.0'

function Get-FolderSize([string] $Path) {
    (Get-ChildItem $Path -Recurse -File | Measure-Object -Property Length -Sum).Sum
}

$current = (Get-Content (Join-Path $Root 'current.txt') -TotalCount 1).Trim()
$releases = Get-ChildItem $Root -Directory |
    Where-Object Name -match '^\d+(\.\d+){2}$' |
    ForEach-Object {
        [pscustomobject]@{
            Version = [version] $_.Name
            Age     = ($Now - $_.LastWriteTime).Days
            Bytes   = [long] (Get-FolderSize $_.FullName)
            Path    = $_.FullName
        }
    } |
    Sort-Object Version -Descending

$releases | Format-Table Version, Age, Bytes -AutoSize

$newest = $releases | Select-Object -First $Keep
$removable = foreach ($release in $releases) {
    $reason = if ("$($release.Version)" -eq $current) { 'is live' }
        elseif ($release.Version -in $newest.Version) { "is one of the newest $Keep" }
        elseif ($release.Age -lt $MinimumAgeDays) { "is younger than $MinimumAgeDays days" }
        else { $null }
    if ($reason) {
        Write-Host "keeping $($release.Version): it $reason"
        continue
    }
    $release
}

$freed = 0
foreach ($release in $removable) {
    if ($PSCmdlet.ShouldProcess("release $($release.Version)", 'Remove')) {
        Remove-Item -LiteralPath $release.Path -Recurse -Force
        $freed += $release.Bytes
        Write-Host ('removed {0} ({1:N1} KB)' -f $release.Version, ($release.Bytes / 1KB))
    }
}

"freed $([Math]::Round($freed / 1KB, 1)) KB"
"left: $((Get-ChildItem $Root -Name | Sort-Object { $_ -replace '\d+', { $_.Value.PadLeft(4, '0') } }) -join ', ')"
if (-not (Test-Path (Join-Path $Root $current) -PathType Container)) {
    throw "the live release $current is gone"
}
