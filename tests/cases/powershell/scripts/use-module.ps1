<#
.SYNOPSIS
    Writes a module of deployment functions, imports it, and uses what it exports.
#>
[CmdletBinding()]
param([string] $ModuleRoot = (Join-Path $PWD 'modules'))

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$folder = New-Item -ItemType Directory -Path (Join-Path $ModuleRoot 'Deploy.Tools') -Force
$module = Join-Path $folder.FullName 'Deploy.Tools.psm1'
Set-Content -Path $module -Value @'
Set-StrictMode -Version Latest

$script:History = [System.Collections.Generic.List[string]]::new()
$script:Prefix = 'deploy'

function Add-Record([string] $Text) { $script:History.Add("$script:Prefix/$Text") }

function Get-DeployHistory {
    <#
    .SYNOPSIS
        What was done so far.
    #>
    [CmdletBinding()]
    param([switch] $Newest)
    if ($Newest) { return $script:History[-1] }
    $script:History.ToArray()
}

function Set-DeployPrefix {
    param([Parameter(Mandatory)] [string] $Prefix)
    $script:Prefix = $Prefix
}

function Install-Artifact {
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [Alias('Id')] [string] $Name,
        [Parameter(ValueFromPipelineByPropertyName)] [version] $Version = '1.0',
        [ValidateSet('Copy', 'Link')] [string] $Mode = 'Copy'
    )
    begin { $count = 0 }
    process {
        $count++
        Add-Record "$Name@$Version"
        [pscustomobject]@{ Name = $Name; Version = $Version; Mode = $Mode; Number = $count }
    }
    end { Add-Record "end of $count" }
}

Set-Alias -Name inst -Value Install-Artifact
Export-ModuleMember -Function Get-DeployHistory, Set-DeployPrefix, Install-Artifact -Alias inst
'@

$History = 'my own'
$Prefix = 'mine'
Import-Module $module -Force

$installed = @(
    [pscustomobject]@{ Id = 'web'; Version = '2.1' }
    [pscustomobject]@{ Id = 'api'; Version = '2.0.3' }
) | Install-Artifact
$installed | Format-Table -AutoSize

Set-DeployPrefix 'second'
$null = inst -Name 'worker' -Mode Link
Get-DeployHistory
"newest: $(Get-DeployHistory -Newest)"
"mine are untouched: $History, $Prefix"

# What the module keeps to itself stays there.
"hidden: $($null -eq (Get-Command Add-Record -ErrorAction SilentlyContinue))"
try { Install-Artifact -Name x -Mode Move }
catch { $_.FullyQualifiedErrorId.Split(',')[0] }
Import-Module $module -Force -Prefix Our -Function Get-*
"with a prefix: $(@(Get-OurDeployHistory).Count), $((Get-Command Get-OurDeployHistory).CommandType)"

# A plain file of functions, dot-sourced: it shares this script's scope.
@'
function Get-Slot { param([int] $Build) if ($Build % 2) { 'blue' } else { 'green' } }
$SlotNames = 'blue', 'green'
$Prefix = 'changed by the file'
'@ | Set-Content (Join-Path $ModuleRoot 'slots.ps1')
. (Join-Path $ModuleRoot 'slots.ps1')
"slot: $(Get-Slot 7) of $($SlotNames -join '/'); $Prefix"

# A script that is called has a scope of its own, arguments and output.
@'
param([string] $Name, [switch] $Loud)
$Prefix = 'only in there'
$text = "hello $Name from $(Split-Path $PSScriptRoot -Leaf)"
if ($Loud) { $text.ToUpper() } else { $text }
exit 4
'@ | Set-Content (Join-Path $ModuleRoot 'greet.ps1')
$said = & (Join-Path $ModuleRoot 'greet.ps1') -Name ann -Loud
"$said ($LASTEXITCODE)"
"prefix: $Prefix"
