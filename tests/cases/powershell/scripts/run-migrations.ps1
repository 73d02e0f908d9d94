# Database migrations: order, checksums, journal.
New-Item sql -ItemType Directory | Out-Null
@{ '001_init.sql' = 'create table a;'; '010_index.sql' = 'create index i;'; '002_data.sql' = "insert 1;`ngo`ninsert 2;"; 'notes.txt' = 'x' }.GetEnumerator() | ForEach-Object { Set-Content (Join-Path sql $_.Key) $_.Value }
function Get-Journal { if (Test-Path journal.json) { @(Get-Content journal.json -Raw | ConvertFrom-Json) } else { @() } }
function Get-Script { Get-ChildItem sql -Filter *.sql | Sort-Object { [int]($_.BaseName -split '_')[0] } | ForEach-Object {
    [pscustomobject]@{ Name = $_.Name; Id = [int]($_.BaseName -split '_')[0]; Sha = (Get-FileHash $_.FullName -Algorithm SHA256).Hash.Substring(0, 8); Batches = @((Get-Content $_.FullName -Raw) -split '(?im)^\s*go\s*$' | ForEach-Object Trim | Where-Object { $_ }) } } }
function Invoke-Migrations {
    $journal = [System.Collections.Generic.List[object]]::new()
    Get-Journal | ForEach-Object { $journal.Add($_) }
    foreach ($s in Get-Script) {
        $done = $journal | Where-Object Name -eq $s.Name
        if ($done) { if ($done.Sha -ne $s.Sha) { throw "$($s.Name) has changed since it ran" }; continue }
        "$($s.Name): $($s.Batches.Count) batch$(if ($s.Batches.Count -ne 1) { 'es' })"
        $journal.Add([ordered]@{ Name = $s.Name; Sha = $s.Sha; At = '2024-05-06T00:00:00Z' })
    }
    ConvertTo-Json @($journal) | Set-Content journal.json
}
Invoke-Migrations
'--'
Set-Content sql/003_more.sql 'alter;'
Invoke-Migrations
(Get-Journal).Count; (Get-Journal)[0].Name; (Get-Journal)[-1].At.Year
Set-Content sql/001_init.sql 'create table b;'
try { Invoke-Migrations } catch { "stopped: $_" }
(Get-Content journal.json | Select-String '"Name"').Count
Get-Script | Select-Object -Property Id, Name | ConvertTo-Csv -UseQuotes Never
