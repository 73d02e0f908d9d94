<#
.SYNOPSIS
    Transforms a web.config for an environment: connection strings, app settings, debug off.
#>
[CmdletBinding()]
param(
    [string] $ConfigPath = 'web.config',
    [hashtable] $AppSettings = @{ 'FeatureX' = 'on'; 'Theme' = 'dark' },
    [string] $DatabaseServer = 'sql01.internal'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Set-Content -Path $ConfigPath -Value @'
<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <!-- delivered by the build -->
  <appSettings>
    <add key="Theme" value="light" />
    <add key="PageSize" value="20" />
  </appSettings>
  <connectionStrings>
    <add name="Main" connectionString="Server=localhost;Database=shop" providerName="System.Data.SqlClient" />
    <add name="Audit" connectionString="Server=localhost;Database=audit" />
  </connectionStrings>
  <system.web>
    <compilation debug="true" targetFramework="4.8" />
    <customErrors mode="Off" />
  </system.web>
</configuration>
'@

function Set-AppSetting {
    param([xml] $Document, [string] $Key, [string] $Value)

    $node = $Document.SelectSingleNode("/configuration/appSettings/add[@key='$Key']")
    if ($null -eq $node) {
        $node = $Document.CreateElement('add')
        $node.SetAttribute('key', $Key)
        [void] $Document.configuration.appSettings.AppendChild($node)
        Write-Host "added   $Key"
    }
    else {
        Write-Host "changed $Key ($($node.GetAttribute('value')) -> $Value)"
    }
    $node.SetAttribute('value', $Value)
}

[xml] $config = Get-Content -Path $ConfigPath -Raw

foreach ($key in $AppSettings.Keys | Sort-Object) {
    Set-AppSetting -Document $config -Key $key -Value $AppSettings[$key]
}

foreach ($entry in $config.configuration.connectionStrings.add) {
    $entry.connectionString = $entry.connectionString -replace 'Server=[^;]+', "Server=$DatabaseServer"
}

$compilation = $config.configuration.'system.web'.compilation
if ($compilation.debug -eq 'true') {
    $compilation.RemoveAttribute('debug')
    Write-Host 'debug is off'
}
$config.SelectSingleNode('//customErrors').SetAttribute('mode', 'RemoteOnly')

$location = $config.CreateElement('location')
$location.SetAttribute('path', 'admin')
$location.InnerXml = '<system.web><authorization><deny users="?" /></authorization></system.web>'
$null = $config.DocumentElement.AppendChild($location)

# Save wants a full path: .NET's current directory isn't PowerShell's.
$config.Save((Resolve-Path $ConfigPath).Path)
Get-Content $ConfigPath

$check = [xml](Get-Content $ConfigPath -Raw)
'{0} settings, {1} connection strings' -f $check.configuration.appSettings.add.Count, @($check.configuration.connectionStrings.add).Count
$check.configuration.appSettings.add | Sort-Object key | ForEach-Object { '{0}={1}' -f $_.key, $_.value }
(Select-Xml -Path $ConfigPath -XPath '//connectionStrings/add[@name="Audit"]/@connectionString').Node.Value
"denied: $($check.configuration.location.'system.web'.authorization.deny.users)"
