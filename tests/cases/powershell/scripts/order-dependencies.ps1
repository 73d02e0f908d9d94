<#
.SYNOPSIS
    Orders services so that each starts after what it needs, in waves; finds cycles and unknown names.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Resolve-DeploymentOrder {
    <#
    .SYNOPSIS
        Waves of names: everything in a wave needs only what is in earlier ones.
    .OUTPUTS
        One object for each wave, with Number and Names.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory)] [hashtable] $Graph)

    foreach ($name in $Graph.Keys) {
        foreach ($need in $Graph[$name]) {
            if (-not $Graph.ContainsKey($need)) {
                throw [System.Collections.Generic.KeyNotFoundException]::new("'$name' needs '$need', which isn't there")
            }
        }
    }

    $left = [System.Collections.Generic.HashSet[string]]::new([string[]] $Graph.Keys)
    $done = [System.Collections.Generic.HashSet[string]]::new()
    $number = 0
    while ($left.Count -gt 0) {
        $wave = @($left | Where-Object { $needs = @($Graph[$_]); @($needs | Where-Object { -not $done.Contains($_) }).Count -eq 0 } | Sort-Object)
        if ($wave.Count -eq 0) {
            throw "cycle among: $(($left | Sort-Object) -join ', ')"
        }
        foreach ($name in $wave) {
            [void] $left.Remove($name)
            [void] $done.Add($name)
        }
        $number++
        [pscustomobject]@{ Number = $number; Names = $wave }
    }
}

function Find-Cycle {
    param([hashtable] $Graph, [string] $Start)
    $path = [System.Collections.Generic.List[string]]::new()
    $visit = {
        param($name)
        $at = $path.IndexOf($name)
        if ($at -ge 0) { return ($path.GetRange($at, $path.Count - $at) + $name) -join ' -> ' }
        $path.Add($name)
        foreach ($need in $Graph[$name]) {
            $found = & $visit $need
            if ($found) { return $found }
        }
        [void] $path.Remove($name)
    }
    & $visit $Start
}

$services = @{
    database = @()
    cache    = @()
    queue    = @('database')
    api      = @('database', 'cache')
    worker   = @('queue', 'cache')
    web      = @('api')
    proxy    = 'web', 'api'
}

$waves = Resolve-DeploymentOrder $services
foreach ($wave in $waves) { '{0}: {1}' -f $wave.Number, ($wave.Names -join ', ') }
"services: $(($waves.Names).Count), waves: $($waves.Count)"

# The reverse order stops them.
[array]::Reverse($waves)
"stop first: $($waves[0].Names[0])"

$broken = $services.Clone()
$broken['database'] = @('worker')
try { Resolve-DeploymentOrder $broken | Out-Null }
catch {
    "refused: $($_.Exception.Message)"
    "cycle: $(Find-Cycle $broken 'database')"
}
"no cycle: '$(Find-Cycle $services 'proxy')'"

$unknown = $services + @{ mail = @('smtp') }
try { $null = Resolve-DeploymentOrder -Graph $unknown }
catch [System.Collections.Generic.KeyNotFoundException] { "refused: $($_.Exception.Message)" }

# What has to be redeployed when one of them changes.
function Get-Dependent([string] $Name, [hashtable] $Graph) {
    foreach ($other in $Graph.Keys | Where-Object { $Name -in $Graph[$_] }) {
        $other
        Get-Dependent $other $Graph
    }
}
"after cache: $((Get-Dependent 'cache' $services | Sort-Object -Unique) -join ', ')"

$diagram = foreach ($name in $services.Keys | Sort-Object) {
    foreach ($need in $services[$name]) { "  $need --> $name" }
}
"graph TD`n$($diagram -join "`n")"
