<#
.SYNOPSIS
    Packs a site with a manifest of digests, unpacks it elsewhere and compares.
#>
[CmdletBinding()]
param(
    [string] $Name = 'shop',
    [version] $Version = '3.1.4'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# What the build left.
$source = Join-Path $PWD 'build'
$files = [ordered]@{
    'index.html'        = '<h1>Shop</h1>'
    'js/app.js'         = 'console.log("hi")'
    'js/app.js.map'     = '{}'
    'css/site.css'      = 'body { margin: 0 }'
    'assets/img/a.svg'  = '<svg/>'
    'obj/cache.tmp'     = 'x'
}
foreach ($path in $files.Keys) {
    $full = Join-Path $source $path
    $null = New-Item -ItemType Directory -Path (Split-Path $full -Parent) -Force
    Set-Content -Path $full -Value $files[$path] -NoNewline
}

function Get-Manifest {
    param([string] $Folder)
    Push-Location $Folder
    try {
        Get-ChildItem -Recurse -File |
            Where-Object Name -ne 'manifest.json' |
            ForEach-Object {
                [pscustomobject]@{
                    Path   = (Resolve-Path $_.FullName -Relative) -replace '^\.[\\/]' -replace '\\', '/'
                    Bytes  = $_.Length
                    Sha256 = (Get-FileHash $_.FullName).Hash.ToLowerInvariant()
                }
            } |
            Sort-Object Path
    }
    finally {
        Pop-Location
    }
}

# Stage only what is shipped.
$stage = Join-Path $PWD 'stage'
Copy-Item -Path $source -Destination $stage -Recurse
Remove-Item (Join-Path $stage 'obj') -Recurse
Get-ChildItem $stage -Recurse -Include *.map | Remove-Item

$manifest = @(Get-Manifest $stage)
$manifest | ForEach-Object { '{0,-18}{1,4}  {2}' -f $_.Path, $_.Bytes, $_.Sha256.Substring(0, 8) }
[ordered]@{
    name    = $Name
    version = "$Version"
    files   = $manifest
} | ConvertTo-Json -Depth 4 | Set-Content (Join-Path $stage 'manifest.json')

$package = "$Name.$Version.zip"
Compress-Archive -Path "$stage/*" -DestinationPath $package
"packed: $((Get-Item $package).Name)"
try { Compress-Archive -Path "$stage/*" -DestinationPath $package }
catch { 'not packed twice' }

# On the target.
$target = Join-Path $PWD "sites/$Name/$Version"
Expand-Archive -Path $package -DestinationPath $target
$expected = (Get-Content (Join-Path $target 'manifest.json') -Raw | ConvertFrom-Json)
$problems = Compare-Object $expected.files (Get-Manifest $target) -Property Path, Sha256
"intact: $($null -eq $problems); $($expected.name) $($expected.version), $($expected.files.Count) files"

# Somebody changes a file, adds one and removes one.
Add-Content (Join-Path $target 'index.html') '<!-- edited -->'
'new' | Set-Content (Join-Path $target 'extra.txt')
Remove-Item (Join-Path $target 'css') -Recurse -Force
Compare-Object $expected.files (Get-Manifest $target) -Property Path, Sha256 |
    Group-Object Path |
    Sort-Object Name |
    ForEach-Object {
        $state = switch ($_.Group.SideIndicator) {
            { $_ -contains '<=' } { 'was' }
            { $_ -contains '=>' } { 'is' }
        }
        '{0}: {1}' -f $_.Name, ($(if ($_.Count -eq 2) { 'changed' } elseif ($state -eq 'was') { 'removed' } else { 'added' }))
    }
$total = ($manifest | Measure-Object Bytes -Sum -Maximum)
'{0} bytes in {1} files, the largest has {2}' -f $total.Sum, $total.Count, $total.Maximum
