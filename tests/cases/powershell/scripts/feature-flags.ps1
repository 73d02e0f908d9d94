<#
.SYNOPSIS
    Evaluates feature flags for an environment and writes them where the application reads them.
#>
[CmdletBinding()]
param(
    [Alias('Env')] [string] $Environment = 'staging',
    [string[]] $Tenant = @('acme', 'globex', 'initech')
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$definition = @'
{
  "flags": [
    { "name": "new-checkout", "default": false, "rules": [ { "environments": ["dev", "staging"], "value": true } ] },
    { "name": "dark-mode",    "default": true,  "rules": [ { "tenants": ["initech"], "value": false } ] },
    { "name": "page-size",    "default": 20,    "rules": [ { "environments": ["prod"], "value": 50 }, { "percent": 30, "value": 100 } ] },
    { "name": "old-search",   "default": true,  "rules": [], "until": "2024-01-31" }
  ]
}
'@ | ConvertFrom-Json

function Test-Member($Object, [string] $Name) {
    $Name -in $Object.PSObject.Properties.Name
}

function Get-Bucket([string] $Key) {
    # The same tenant always lands in the same bucket.
    $sum = 0
    foreach ($char in $Key.ToCharArray()) { $sum = ($sum * 31 + [int]$char) % 100 }
    $sum
}

function Resolve-Flag {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] $Flag,
        [Parameter(Mandatory)] [string] $Environment,
        [Parameter(Mandatory)] [string] $Tenant,
        [datetime] $Today = '2024-02-01'
    )
    process {
        if ((Test-Member $Flag 'until') -and $Today -gt [datetime]$Flag.until) {
            Write-Warning "$($Flag.name) ended on $(([datetime]$Flag.until).ToString('d MMM yyyy', [cultureinfo]::InvariantCulture))"
            return
        }
        $value = $Flag.default
        foreach ($rule in $Flag.rules) {
            $matches_ = switch ($rule.PSObject.Properties.Name) {
                'environments' { $Environment -in $rule.environments }
                'tenants' { $rule.tenants -contains $Tenant }
                'percent' { (Get-Bucket "$($Flag.name)/$Tenant") -lt $rule.percent }
                'value' { $true }
            }
            if ($matches_ -notcontains $false) {
                $value = $rule.value
                break
            }
        }
        [pscustomobject]@{ Tenant = $Tenant; Flag = $Flag.name; Value = $value }
    }
}

$all = foreach ($name in $Tenant) {
    $definition.flags | Resolve-Flag -Environment $Environment -Tenant $name -WarningAction SilentlyContinue
}
$matrix = $all | Group-Object Tenant | ForEach-Object {
    $row = [ordered]@{ Tenant = $_.Name }
    $_.Group | ForEach-Object { $row[$_.Flag] = $_.Value }
    [pscustomobject] $row
}
$matrix | Format-Table

$flags = $all | Group-Object Flag -AsHashTable -AsString
"dark mode for: $(($flags['dark-mode'] | Where-Object Value).Tenant -join ', ')"
"buckets: $(($Tenant | ForEach-Object { "$_=$(Get-Bucket "page-size/$_")" }) -join ' ')"

$null = $definition.flags | Where-Object name -eq 'old-search' | Resolve-Flag -Environment prod -Tenant acme

# One file for each tenant, JSON for the web and properties for the service.
foreach ($group in $all | Group-Object Tenant) {
    $values = [ordered]@{}
    $group.Group | Sort-Object Flag | ForEach-Object { $values[$_.Flag] = $_.Value }
    $values | ConvertTo-Json -Compress | Set-Content "flags.$($group.Name).json"
    $values.GetEnumerator() | ForEach-Object { "feature.$($_.Key -replace '-', '.')=$("$($_.Value)".ToLower())" } | Set-Content "flags.$($group.Name).properties"
}
Get-ChildItem flags.* -Name | Sort-Object
Get-Content flags.acme.json
Get-Content flags.initech.properties
