# Download, verify, unpack, configure, report.
$ErrorActionPreference = 'Stop'
$work = New-Item pkg -ItemType Directory -Force
Set-Content "$work/app.conf" 'port=80', 'mode=dev', '# end'
Set-Content "$work/VERSION" '3.1.4' -NoNewline
Compress-Archive -Path "$work/*" -DestinationPath app-3.1.4.zip -CompressionLevel Fastest
$sum = (Get-FileHash app-3.1.4.zip).Hash
"$sum  app-3.1.4.zip" | Set-Content SHA256SUMS
$expected = @{}
Get-Content SHA256SUMS | ForEach-Object { $hash, $name = $_ -split '\s{2}', 2; $expected[$name] = $hash }
foreach ($file in Get-ChildItem *.zip) {
    if ($file.Name -notmatch '^(?<name>\w+)-(?<version>\d+(?:\.\d+)+)\.zip$') { throw "odd name $($file.Name)" }
    $name, $version = $Matches.name, [version]$Matches.version
    $actual = (Get-FileHash $file).Hash
    if ($actual -cne $expected[$file.Name]) { throw "checksum of $($file.Name)" }
    $target = Join-Path releases $name "v$version"
    Expand-Archive $file -DestinationPath $target -Force
    $conf = Join-Path $target app.conf
    (Get-Content $conf) | ForEach-Object { switch -Regex ($_) { '^port=' { 'port=8080' } '^mode=' { "mode=$($env:STAGE)" } default { $_ } } } | Set-Content $conf
    [pscustomobject]@{ Name = $name; Version = $version; Files = @(Get-ChildItem $target -Recurse -File).Count; Conf = (Get-Content $conf -Raw).Trim() -replace "`n", '; ' }
} 
(Get-Content releases/app/v3.1.4/VERSION) -eq '3.1.4'
Get-ChildItem releases -Recurse -Directory -Name | Sort-Object
'tampered' | Add-Content app-3.1.4.zip
(Get-FileHash app-3.1.4.zip).Hash -eq $expected['app-3.1.4.zip']
Get-ChildItem . -Directory | ForEach-Object Name | Sort-Object -Descending
