<#
.SYNOPSIS
    Changes a Kubernetes manifest by pattern, where no YAML module is at hand: image tags, replicas, labels.
#>
[CmdletBinding()]
param(
    [string] $Path = 'deployment.yaml',
    [string] $Tag = '2024.3.1',
    [int] $Replicas = 4
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

@'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  labels:
    app: shop
spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: web
          image: registry.local/shop/web:latest
          env:
            - name: LOG_LEVEL
              value: "debug"
        - name: worker
          image: registry.local:5000/shop/worker:1.0 # pinned
      # image: commented/out:1
'@ | Set-Content $Path

# Line by line, keeping what isn't understood.
function Update-Manifest {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, ValueFromPipeline)] [AllowEmptyString()] [string] $Line,
        [Parameter(Mandatory)] [string] $Tag,
        [int] $Replicas
    )
    begin { $n = 0; $changed = 0 }
    process {
        $n++
        $new = switch -Regex -CaseSensitive ($Line) {
            '^(?<head>\s*(?:-\s+)?image:\s*)(?<image>\S+?):(?<tag>[\w.-]+)(?<tail>\s*(?:#.*)?)$' {
                $Matches.head + $Matches.image + ':' + $Tag + $Matches.tail
                break
            }
            '^(\s*replicas:\s*)\d+\s*$' { $Matches[1] + $Replicas; break }
            default { $Line }
        }
        if ($new -cne $Line) {
            $changed++
            Write-Host ('{0,3}: {1} => {2}' -f $n, $Line.Trim(), $new.Trim())
        }
        $new
    }
    end { Write-Host "$changed of $n lines changed" }
}

$lines = Get-Content $Path | Update-Manifest -Tag $Tag -Replicas $Replicas

# A label after "app:", with the same indentation.
$withLabel = foreach ($line in $lines) {
    $line
    if ($line -match '^(?<indent>\s+)app:') { "$($Matches.indent)version: `"$Tag`"" }
}
$withLabel | Set-Content $Path

# What stands there now, as a tree of indentation.
$stack = [System.Collections.Generic.Stack[object]]::new()
$flat = [ordered]@{}
foreach ($line in Get-Content $Path | Where-Object { $_ -match '\S' -and $_ -notmatch '^\s*#' }) {
    if ($line -notmatch '^(?<indent>\s*)(?<dash>- )?(?<key>[\w-]+):\s*(?<value>.*?)\s*(?:#.*)?$') { continue }
    $depth = $Matches.indent.Length + $(if ($Matches.ContainsKey('dash')) { 2 } else { 0 })
    while ($stack.Count -and $stack.Peek().Depth -ge $depth) { [void] $stack.Pop() }
    $stack.Push([pscustomobject]@{ Depth = $depth; Key = $Matches.key })
    $names = @($stack.ToArray().Key)
    [array]::Reverse($names)
    $path_ = $names -join '.'
    if ($Matches.value) {
        if ($flat.Contains($path_)) { $flat[$path_] = @($flat[$path_]) + $Matches.value.Trim('"') }
        else { $flat[$path_] = $Matches.value.Trim('"') }
    }
}
foreach ($key in $flat.Keys) { '{0} = {1}' -f $key, ($flat[$key] -join ', ') }

$images = Select-String -Path $Path -Pattern '^\s*image:\s*(?:(?<registry>[^/\s]+)/)?(?<name>[^:\s]+):(?<tag>\S+)' -AllMatches
$images | ForEach-Object {
    $groups = $_.Matches[0].Groups
    [pscustomobject]@{ Line = $_.LineNumber; Registry = $groups['registry'].Value; Image = $groups['name'].Value; Tag = $groups['tag'].Value }
} | Format-List
