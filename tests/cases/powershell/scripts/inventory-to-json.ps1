<#
.SYNOPSIS
    Turns an inventory in CSV into the JSON and the hosts file that the tools want, and checks it first.
#>
[CmdletBinding()]
param(
    [string] $Csv = 'inventory.csv',
    [string] $OutFolder = 'generated'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

@'
Name;Address;Role;Environment;Cores;Tags
web01;10.0.1.11;web;prod;4;"blue,edge"
web02;10.0.1.12;web;prod;4;"green,edge"
db01;10.0.2.21;database;prod;16;primary
db02;10.0.2.22;database;prod;16;
tst01;10.9.0.5;web;test;2;"all ""in one"""
bad01;10.0.1.999;web;prod;x;
'@ | Set-Content $Csv

function Test-Server {
    [OutputType([string])]
    param([Parameter(Mandatory, ValueFromPipeline)] $Server)
    process {
        $octets = $Server.Address -split '\.'
        if ($octets.Count -ne 4 -or ($octets | Where-Object { $_ -notmatch '^\d{1,3}$' -or [int]$_ -gt 255 })) {
            "$($Server.Name): '$($Server.Address)' is no address"
        }
        $cores = 0
        if (-not [int]::TryParse($Server.Cores, [ref] $cores) -or $cores -lt 1) {
            "$($Server.Name): '$($Server.Cores)' is no number of cores"
        }
        if ($Server.Name -cnotmatch '^[a-z]{2,3}\d\d$') { "$($Server.Name): odd name" }
    }
}

$rows = Import-Csv -Path $Csv -Delimiter ';'
"rows: $($rows.Count), columns: $($rows[0].PSObject.Properties.Name -join ' ')"
$problems = @($rows | Test-Server)
$problems | ForEach-Object { Write-Warning $_ }
$badNames = $problems | ForEach-Object { $_.Split(':')[0] } | Select-Object -Unique
$servers = foreach ($row in $rows | Where-Object Name -notin $badNames) {
    [pscustomobject][ordered]@{
        name        = $row.Name
        address     = $row.Address
        role        = $row.Role
        environment = $row.Environment
        cores       = [int] $row.Cores
        tags        = @($row.Tags -split ',' | ForEach-Object Trim | Where-Object { $_ })
    }
}

$null = New-Item $OutFolder -ItemType Directory -Force
foreach ($environment in $servers | Group-Object environment) {
    $document = [ordered]@{
        environment = $environment.Name
        cores       = ($environment.Group | Measure-Object cores -Sum).Sum -as [int]
        roles       = [ordered]@{}
    }
    foreach ($role in $environment.Group | Group-Object role | Sort-Object Name) {
        $document.roles[$role.Name] = @($role.Group | Select-Object -Property * -ExcludeProperty environment, role)
    }
    $path = Join-Path $OutFolder "$($environment.Name).json"
    $document | ConvertTo-Json -Depth 6 | Out-File $path -Encoding utf8
    "$path`: $((Get-Content $path).Count) lines"
}
Get-Content (Join-Path $OutFolder 'test.json')

$prod = Get-Content "$OutFolder/prod.json" -Raw | ConvertFrom-Json -AsHashtable
"prod has $($prod['cores']) cores; databases: $($prod.roles.database.name -join ', ')"
"tags of db02: $($prod.roles.database[1].tags.Count); of web01: $($prod.roles.web[0].tags -join '+')"

$servers | Sort-Object { [version] $_.address } | ForEach-Object {
    "{0}`t{1}.{2}.local {1}" -f $_.address, $_.name, $_.environment
} | Tee-Object -FilePath (Join-Path $OutFolder 'hosts') | Select-Object -Last 2

$servers | Select-Object name, @{ Name = 'tags'; Expression = { $_.tags -join '|' } }, cores |
    ConvertTo-Csv -UseQuotes AsNeeded
$back = $servers | ConvertTo-Json -Depth 3 | ConvertFrom-Json
"round trip: $(($back.name -join ',') -eq ($servers.name -join ','))"
