<#
.SYNOPSIS
    Orders database migrations, checks those that ran against the journal, and writes the plan.
.DESCRIPTION
    Files are named V<number>__<words>.sql, repeatable ones R__<words>.sql. Numbers sort as versions, not as text.
#>
[CmdletBinding()]
param([string] $Folder = 'migrations', [switch] $AllowGaps)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$null = New-Item -ItemType Directory $Folder
$scripts = @{
    'V1__create_orders.sql'        = 'CREATE TABLE orders (id int);'
    'V2__add_total.sql'            = 'ALTER TABLE orders ADD total int;'
    'V2.1__index_total.sql'        = 'CREATE INDEX ix ON orders (total);'
    'V10__archive.sql'             = "-- slow`nCREATE TABLE archive (id int);"
    'V9__drop_legacy.sql'          = 'DROP TABLE legacy;'
    'R__views.sql'                 = 'CREATE OR REPLACE VIEW v AS SELECT 1;'
    'notes.txt'                    = 'not a migration'
    'V3_wrong.sql'                 = 'SELECT 1;'
}
$scripts.GetEnumerator() | ForEach-Object { Set-Content -Path (Join-Path $Folder $_.Key) -Value $_.Value }

function Get-Checksum([string] $Path) {
    $hash = (Get-FileHash -Path $Path -Algorithm SHA1).Hash
    $hash.Substring(0, 8).ToLower()
}

function ConvertTo-Migration {
    param([Parameter(ValueFromPipeline)] [System.IO.FileInfo] $File)
    process {
        if ($File.Name -notmatch '^(?:V(?<v>\d+(?:\.\d+)*)|(?<r>R))__(?<words>\w+)\.sql$') {
            Write-Warning "skipped: $($File.Name)"
            return
        }
        $isRepeatable = $Matches.ContainsKey('r')
        [pscustomobject]@{
            PSTypeName = 'Migration'
            Version    = if ($isRepeatable) { $null } else { [version]($Matches.v + $(if ($Matches.v.Contains('.')) { '' } else { '.0' })) }
            Name       = $Matches.words -replace '_', ' '
            File       = $File.Name
            Checksum   = Get-Checksum $File.FullName
        }
    }
}

$migrations = Get-ChildItem $Folder -Filter *.sql | Sort-Object Name | ConvertTo-Migration
"found $($migrations.Count); first is a $($migrations[0].PSTypeNames[0])"

# What the database says has run; the second was edited afterwards.
$journal = @{}
foreach ($done in 'V1__create_orders.sql', 'V2__add_total.sql') {
    $journal[$done] = Get-Checksum (Join-Path $Folder $done)
}
Add-Content (Join-Path $Folder 'V2__add_total.sql') '-- changed later'
$migrations = Get-ChildItem $Folder -Filter *.sql -Exclude 'V3_*' | ConvertTo-Migration

$versioned, $repeatable = $migrations.Where({ $null -ne $_.Version }, 'Split')
$ordered = @($versioned | Sort-Object Version) + @($repeatable | Sort-Object Name)

$plan = foreach ($migration in $ordered) {
    $state = if (-not $journal.ContainsKey($migration.File)) { 'run' }
        elseif ($journal[$migration.File] -ne $migration.Checksum) { 'CHANGED' }
        else { 'done' }
    $migration | Select-Object Version, Name, File, @{ Name = 'State'; Expression = { $state } }
}
$number = 0
foreach ($step in $plan) {
    $number++
    '{0,2}. {1,-8} {2,-5} {3}' -f $number, $step.State, $step.Version, $step.Name
}

$destructive = Select-String -Path (Join-Path $Folder '*.sql') -Pattern '\b(DROP|TRUNCATE|DELETE)\b' |
    Where-Object { $_.Filename -in @($plan | Where-Object State -eq 'run').File }
foreach ($hit in $destructive) { "review $($hit.Filename):$($hit.LineNumber) $($hit.Matches[0].Value)" }

$pending = @($plan | Where-Object State -eq 'run')
$pending | ForEach-Object -Begin { 'BEGIN;' } -Process { "\i $($_.File)" } -End { 'COMMIT;' } | Set-Content plan.sql
(Get-Content plan.sql) -join ' '

$changed = @($plan | Where-Object State -eq 'CHANGED')
if ($changed) {
    Write-Error "Migrations changed after they ran: $($changed.File -join ', ')" -ErrorAction Continue
    exit 65
}
