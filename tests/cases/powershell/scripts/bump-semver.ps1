<#
.SYNOPSIS
    Works out the next version from commit messages (Conventional Commits) and writes it where it is kept.
#>
[CmdletBinding()]
param(
    [string] $Current = '2.7.3',
    [ValidatePattern('^[a-z]*$')] [string] $Label = ''
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

enum Bump {
    None
    Patch
    Minor
    Major
}

function Get-BumpOf {
    [OutputType([Bump])]
    param([Parameter(Mandatory, ValueFromPipeline)] [string] $Message)
    process {
        switch -Regex ($Message) {
            '^\w+(\([^)]*\))?!:' { [Bump]::Major; break }
            'BREAKING CHANGE' { [Bump]::Major; break }
            '^feat(\(|:)' { [Bump]::Minor; break }
            '^(fix|perf)(\(|:)' { [Bump]::Patch; break }
            default { [Bump]::None }
        }
    }
}

function Step-Version {
    param([version] $Version, [Bump] $Bump)
    switch ($Bump) {
        Major { [version]::new($Version.Major + 1, 0, 0) }
        Minor { [version]::new($Version.Major, $Version.Minor + 1, 0) }
        Patch { [version]::new($Version.Major, $Version.Minor, $Version.Build + 1) }
        default { $Version }
    }
}

$history = @(
    'chore: tidy the build'
    'fix(cart): rounding of totals'
    'feat(search): filters by colour'
    'docs: how to deploy'
    'perf: fewer queries'
)

$history | ForEach-Object { '{0,-6} {1}' -f ($_ | Get-BumpOf), $_ }

$bump = $history | Get-BumpOf | Sort-Object -Descending | Select-Object -First 1
"bump: $bump ($([int]$bump))"

$next = Step-Version -Version $Current -Bump $bump
"next: $next"

$breaking = $history + 'refactor(api)!: new routes' | Get-BumpOf | Measure-Object -Maximum
$major = Step-Version $Current ([Bump]$breaking.Maximum)
"with a breaking change: $major"

# A pre-release sorts below its release.
$candidates = '2.8.0', '2.8.0-rc.2', '2.8.0-rc.10', '2.8.0-beta', '2.7.3' | ForEach-Object { [semver] $_ }
($candidates | Sort-Object | ForEach-Object { "$_" }) -join ' < '
$latest = $candidates | Where-Object { -not $_.PreReleaseLabel } | Sort-Object -Descending | Select-Object -First 1
"latest stable: $latest; major $($latest.Major), minor $($latest.Minor), patch $($latest.Patch)"

# Where the version is kept.
'{ "name": "shop", "version": "0.0.0", "private": true }' | Set-Content package.json
$package = Get-Content package.json -Raw | ConvertFrom-Json
$package.version = "$next"
$package | ConvertTo-Json -Compress | Set-Content package.json
Get-Content package.json

@"
<Project>
  <PropertyGroup>
    <Version>0.0.0</Version>
  </PropertyGroup>
</Project>
"@ | Set-Content Directory.Build.props
(Get-Content Directory.Build.props) -replace '(?<=<Version>)[^<]+', $next | Set-Content Directory.Build.props
(Select-String -Path Directory.Build.props -Pattern '<Version>(.+)</Version>').Matches[0].Groups[1].Value
$next -gt [version]'2.7.10'
'{0}.{1}' -f $next.ToString(2), 42
