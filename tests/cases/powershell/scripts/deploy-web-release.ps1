#requires -Version 7
<#
.SYNOPSIS
  Deploys
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $false)] [string] $Environment = 'Test',
    [ValidateSet('blue','green')] [string] $Slot = 'blue',
    [int] $Retries = 3
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
function Write-Step { param([string]$Message) Write-Host "==> $Message" -ForegroundColor Cyan }
function Get-NextVersion {
    param([version]$Current, [ValidateSet('major','minor','patch')][string]$Bump = 'patch')
    switch ($Bump) {
        'major' { [version]::new($Current.Major + 1, 0, 0) }
        'minor' { [version]::new($Current.Major, $Current.Minor + 1, 0) }
        'patch' { [version]::new($Current.Major, $Current.Minor, $Current.Build + 1) }
    }
}
Write-Step "Deploying to $Environment ($Slot)"
$v = Get-NextVersion -Current '1.4.9' -Bump minor
"Next: $v"
$config = [ordered]@{
    name     = 'web'
    settings = @{ timeout = 30; hosts = @('a', 'b') }
    enabled  = $true
}
$config | ConvertTo-Json -Depth 5 | Set-Content -Path (Join-Path $PWD 'app.json')
$json = Get-Content app.json -Raw | ConvertFrom-Json
$json.settings.timeout = 60
$json | Add-Member -NotePropertyName version -NotePropertyValue "$v" -Force
$json | ConvertTo-Json -Depth 5 -Compress
$attempt = 0
do {
    $attempt++
    try {
        if ($attempt -lt $Retries) { throw [System.InvalidOperationException]::new("not ready $attempt") }
        $ok = $true
    } catch [System.InvalidOperationException] {
        Write-Warning "Attempt $attempt failed: $($_.Exception.Message)"
        $ok = $false
    } finally {
        Write-Verbose "attempt $attempt done"
    }
} until ($ok -or $attempt -ge $Retries)
"ok=$ok after $attempt"
$template = @'
Host=#{Host}
Port=#{Port}
'@
$values = @{ Host = 'db.local'; Port = 5432 }
$out = [regex]::Replace($template, '#\{(\w+)\}', { param($m) $values[$m.Groups[1].Value] })
$out
$servers = @(
    [pscustomobject]@{ Name = 'web01'; Role = 'web'; Cpu = 4 }
    [pscustomobject]@{ Name = 'db01'; Role = 'db'; Cpu = 8 }
    [pscustomobject]@{ Name = 'web02'; Role = 'web'; Cpu = 2 }
)
$servers | Group-Object Role | Sort-Object Name | ForEach-Object {
    '{0,-5} {1} servers, {2} cpus' -f $_.Name, $_.Count, ($_.Group | Measure-Object Cpu -Sum).Sum
}
$servers | Sort-Object Cpu -Descending | Format-Table Name, @{ Label = 'CPUs'; Expression = { $_.Cpu } } -AutoSize
$n = 0
if ([int]::TryParse('42', [ref]$n)) { "parsed $n" }
[enum]::GetNames([DayOfWeek]) -join ','
$hash = @{}; foreach ($s in $servers) { $hash[$s.Role] += @($s.Name) }
$hash.Keys | Sort-Object | ForEach-Object { "$_ = $($hash[$_] -join ' ')" }
$text = 'key1=value1;key2=value2'
$pairs = $text -split ';' | ForEach-Object { $k, $v2 = $_ -split '=', 2; [pscustomobject]@{ Key = $k; Value = $v2 } }
$pairs | Where-Object Key -eq 'key2' | Select-Object -ExpandProperty Value
$missing = $servers | Where-Object { $_.Name -notmatch '^web\d+$' }
"non-web: $($missing.Name)"
$d = Get-Date '2024-05-06T07:08:09Z'
$d.ToUniversalTime().ToString('o')
"{0:d} {0:HH:mm}" -f $d
try { Get-Content ./nope.txt } catch { "E: $($_.Exception.Message.Split("'")[0])$($_.CategoryInfo.Category)" }
function Test-It { [CmdletBinding(SupportsShouldProcess)] param([Parameter(ValueFromPipeline)][string]$Name) begin { $c = 0 } process { $c++; if ($PSCmdlet.ShouldProcess($Name, 'Remove')) { "removed $Name" } } end { "n=$c" } }
'x','y' | Test-It
'z' | Test-It -WhatIf
$sb = { param($a, $b = 5) $a + $b }
& $sb 1
& $sb -b 2 -a 3
$null = New-Item -ItemType Directory -Path pkg/sub -Force
'data' | Out-File pkg/sub/f.txt
Compress-Archive -Path pkg -DestinationPath pkg.zip -Force
(Get-Item pkg.zip).Extension
Get-ChildItem pkg -Recurse -File | ForEach-Object { $_.FullName.Replace("$PWD/", '') }
$xml = [xml](@"
<configuration><connectionStrings><add name="Main" connectionString="old"/></connectionStrings></configuration>
"@)
foreach ($cs in $xml.configuration.connectionStrings.add) { if ($cs.name -eq 'Main') { $cs.connectionString = "Server=$($values.Host)" } }
$xml.configuration.connectionStrings.OuterXml
$list = New-Object 'System.Collections.Generic.List[int]'
1..5 | ForEach-Object { $list.Add($_) }
($list | Measure-Object -Average).Average
"$($list[0..2])"
$s = [System.Text.StringBuilder]::new(); [void]$s.AppendLine('l1'); [void]$s.Append('l2'); $s.ToString()
exit 0
