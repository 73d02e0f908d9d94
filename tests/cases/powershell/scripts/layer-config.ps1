# Pick config by layered files with inheritance.
$layers = @{
    'base.json' = '{ "log": { "level": "info", "sinks": ["console"] }, "db": { "pool": 5 }, "features": { "a": true, "b": false } }'
    'prod.json' = '{ "$extends": "base.json", "log": { "level": "warn" }, "db": { "pool": 50, "replica": "r1" } }'
    'eu.json'   = '{ "$extends": "prod.json", "features": { "b": true, "c": true }, "log": { "sinks": ["console", "file"] } }'
}
$layers.GetEnumerator() | ForEach-Object { Set-Content $_.Key $_.Value }
function Merge-Node($Base, $Over) {
    $result = [ordered]@{}
    foreach ($k in $Base.Keys) { $result[$k] = $Base[$k] }
    foreach ($k in $Over.Keys | Where-Object { $_ -ne '$extends' }) {
        $result[$k] = if ($result[$k] -is [System.Collections.IDictionary] -and $Over[$k] -is [System.Collections.IDictionary]) { Merge-Node $result[$k] $Over[$k] } else { $Over[$k] }
    }
    $result
}
function Read-Layer([string] $File, [int] $Depth = 0) {
    if ($Depth -gt 5) { throw 'too deep' }
    $own = Get-Content $File -Raw | ConvertFrom-Json -AsHashtable
    $parent = $own['$extends']
    if ($parent) { Merge-Node (Read-Layer $parent ($Depth + 1)) $own } else { $own }
}
$config = Read-Layer eu.json
$config | ConvertTo-Json -Depth 4
$config.log.sinks.Count; $config['db']['replica']; $config.features.Keys -join ','
($config.features.GetEnumerator() | Where-Object Value | ForEach-Object Key) -join '+'
$config.Keys -contains '$extends'
Set-Content loop.json '{ "$extends": "loop.json" }'
try { Read-Layer loop.json } catch { "$_" }
$path = 'db.pool'; $at = $config; foreach ($p in $path.Split('.')) { $at = $at[$p] }; $at.GetType().Name; $at + 1
