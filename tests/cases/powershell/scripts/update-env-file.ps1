<#
.SYNOPSIS
    Merges values into a .env file; comments and order are kept.
#>
[CmdletBinding()]
param(
    [string] $Path = './app.env',
    [switch] $Sorted
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

@'
# Shop, local defaults
APP_NAME=shop
APP_PORT=3000
  DB_URL = "postgres://localhost/shop"

# Secrets come from the vault
API_KEY=
DEBUG=true
'@ | Set-Content $Path

function Read-EnvFile {
    param([Parameter(Mandatory)] [string] $Path)
    $values = [ordered]@{}
    switch -Regex -File $Path {
        '^\s*#' { continue }
        '^\s*(?<key>[A-Z_][A-Z0-9_]*)\s*=\s*(?<value>.*?)\s*$' {
            $values[$Matches.key] = $Matches.value.Trim('"')
        }
    }
    return $values
}

function Merge-EnvFile {
    param(
        [Parameter(Mandatory)] [string] $Path,
        [Parameter(Mandatory)] [System.Collections.IDictionary] $Values
    )
    $seen = @{}
    $lines = @(foreach ($line in Get-Content $Path) {
        if ($line -match '^\s*([A-Z_][A-Z0-9_]*)\s*=') {
            $key = $Matches[1]
            if ($Values.Contains($key)) {
                $seen[$key] = $true
                "$key=$($Values[$key])"
                continue
            }
        }
        $line
    })
    $missing = $Values.Keys | Where-Object { -not $seen.ContainsKey($_) }
    if ($missing) {
        $lines += '', '# Added by the deployment'
        $lines += $missing | ForEach-Object { "$_=$($Values[$_])" }
    }
    Set-Content -Path $Path -Value $lines
}

$before = Read-EnvFile $Path
"before: $($before.Count) values, port $($before.APP_PORT), url $($before['DB_URL'])"

$changes = [ordered]@{
    APP_PORT  = 8080
    DB_URL    = 'postgres://db.internal/shop?sslmode=require'
    API_KEY   = 'k-' + ('x' * 6)
    LOG_LEVEL = 'warn'
    REGION    = $env:STAGE.ToUpperInvariant()
}
Merge-EnvFile -Path $Path -Values $changes
Get-Content $Path | ForEach-Object -Begin { $n = 0 } -Process { $n++; '{0,2}| {1}' -f $n, $_ }

$after = Read-EnvFile $Path
$diff = Compare-Object -ReferenceObject @($before.Keys) -DifferenceObject @($after.Keys)
foreach ($item in $diff) { "$($item.SideIndicator) $($item.InputObject)" }
$changed = $after.GetEnumerator() | Where-Object { $before.Contains($_.Key) -and $before[$_.Key] -ne $_.Value }
"changed: $($changed.Key -join ', ')"
