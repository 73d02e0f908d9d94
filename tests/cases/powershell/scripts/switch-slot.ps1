<#
.SYNOPSIS
    Blue and green: deploys into the idle slot, checks it and moves the pointer; moves it back when the check fails.
#>
[CmdletBinding()]
param(
    [string] $Root = (Join-Path $PWD 'app'),
    [string[]] $Versions = @('1.0.0', '1.1.0', '1.2.0-broken', '1.3.0')
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

class Slot {
    [ValidateSet('blue', 'green')] [string] $Name
    hidden [string] $Root

    Slot([string] $root, [string] $name) {
        $this.Root = $root
        $this.Name = $name
    }

    [string] Path() { return Join-Path $this.Root $this.Name }

    [string] Version() {
        $file = Join-Path $this.Path() 'VERSION'
        if (-not (Test-Path $file)) { return '' }
        return (Get-Content $file -Raw).Trim()
    }

    [Slot] Other() {
        $next = @{ blue = 'green'; green = 'blue' }[$this.Name]
        return [Slot]::new($this.Root, $next)
    }

    [void] Deploy([string] $version) {
        $path = $this.Path()
        if (Test-Path $path) { Remove-Item $path -Recurse -Force }
        New-Item -ItemType Directory -Path $path | Out-Null
        Set-Content -Path (Join-Path $path 'VERSION') -Value $version
        if ($version -notlike '*broken*') { Set-Content (Join-Path $path 'health') 'ok' }
    }

    [bool] IsHealthy() { return Test-Path (Join-Path $this.Path() 'health') -PathType Leaf }

    [string] ToString() { return '{0}[{1}]' -f $this.Name, $this.Version() }
}

class Pointer {
    [string] $File
    Pointer([string] $file) { $this.File = $file }

    [string] Read([string] $default) {
        if (Test-Path $this.File) { return Get-Content $this.File -TotalCount 1 }
        return $default
    }

    # Written beside and renamed, so that a reader never sees half of it.
    [void] Write([string] $value) {
        $new = "$($this.File).new"
        [System.IO.File]::WriteAllText($new, "$value`n")
        Move-Item $new $this.File -Force
    }
}

$null = New-Item -ItemType Directory $Root -Force
$pointer = [Pointer]::new((Join-Path $Root 'live'))
$history = [System.Collections.Generic.List[object]]::new()

foreach ($version in $Versions) {
    $live = [Slot]::new($Root, $pointer.Read('green'))
    $idle = $live.Other()
    try {
        $idle.Deploy($version)
        if (-not $idle.IsHealthy()) { throw "$idle doesn't answer" }
        $pointer.Write($idle.Name)
        $result = 'switched'
    }
    catch {
        $result = "kept $($live): $($_.Exception.Message)"
    }
    $history.Add([pscustomobject]@{ Version = $version; Live = $pointer.Read('-'); Result = $result })
}

$history | Format-Table -AutoSize
$slot = [Slot]::new($Root, $pointer.Read('green'))
"live: $slot, idle: $($slot.Other())"
"of type $($slot.GetType().Name); same slot: $($slot.Other().Other().Name -eq $slot.Name)"
try { $slot.Name = 'purple' } catch { 'no third slot' }
(Get-ChildItem $Root | Sort-Object Name | ForEach-Object { if ($_.PSIsContainer) { "$($_.Name)/" } else { $_.Name } }) -join ' '
