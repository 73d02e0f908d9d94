<#
.SYNOPSIS
    Replaces #{Token} in files: filters, defaults, and nested names; what is missing stops the deployment.
.DESCRIPTION
    #{Name}, #{Name | upper}, #{Name:default} and #{each item in List}...#{/each}.
#>
[CmdletBinding()]
param(
    [string] $Path = './templates',
    [switch] $AllowMissing
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$null = New-Item -ItemType Directory -Path $Path -Force
@'
server_name #{Host | lower};
listen #{Port};
root #{Root:/var/www};
#{each upstream in Upstreams}
upstream #{upstream};
#{/each}
# built for #{Project.Name | upper} on #{Stage}
'@ | Set-Content (Join-Path $Path 'nginx.conf.template')
'{ "url": "https://#{Host | lower}/", "key": "#{Secret | json}" }' | Set-Content (Join-Path $Path 'app.json.template')
'hello #{Nobody} and #{Nothing}' | Set-Content (Join-Path $Path 'broken.txt.template')

$values = @{
    Host      = 'SHOP.Example.COM'
    Stage     = $env:STAGE
    Upstreams = 'a:8080', 'b:8080'
    Secret    = "quote "" and \ tab`t"
}
foreach ($key in $OctopusParameters.Keys) {
    if (-not $values.ContainsKey($key)) { $values[$key] = $OctopusParameters[$key] }
}

$filters = @{
    upper = { param($v) $v.ToUpperInvariant() }
    lower = { param($v) $v.ToLowerInvariant() }
    json  = { param($v) ($v | ConvertTo-Json).Trim('"') }
}

function Expand-Template {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Text,
        [Parameter(Mandatory)] [hashtable] $Values,
        [System.Collections.Generic.List[string]] $Missing
    )

    $expanded = [regex]::Replace($Text, '(?ms)^#\{each (\w+) in (\w+)\}\r?\n(.*?)^#\{/each\}\r?\n', {
        param($match)
        $name, $list, $body = $match.Groups[1].Value, $match.Groups[2].Value, $match.Groups[3].Value
        -join $(foreach ($item in $Values[$list]) { $body.Replace("#{$name}", $item) })
    })

    [regex]::Replace($expanded, '#\{\s*(?<name>[\w.]+)(?::(?<default>[^}|]*))?\s*(?:\|\s*(?<filter>\w+)\s*)?\}', {
        param($match)
        $name = $match.Groups['name'].Value
        if ($Values.ContainsKey($name)) { $value = "$($Values[$name])" }
        elseif ($match.Groups['default'].Success) { $value = $match.Groups['default'].Value }
        else {
            if ($null -ne $Missing) { $Missing.Add($name) }
            return $match.Value
        }
        $filter = $match.Groups['filter'].Value
        if ($filter) { & $filters[$filter] $value } else { $value }
    })
}

$problems = [ordered]@{}
foreach ($template in Get-ChildItem $Path -Filter *.template | Sort-Object Name) {
    $missing = [System.Collections.Generic.List[string]]::new()
    $result = Expand-Template -Text (Get-Content $template -Raw) -Values $values -Missing $missing
    $target = $template.FullName -replace '\.template$'
    [System.IO.File]::WriteAllText($target, $result)
    if ($missing.Count) { $problems[$template.BaseName] = $missing.ToArray() }
    Write-Host "== $(Split-Path $target -Leaf)"
    Write-Host (Get-Content $target -Raw) -NoNewline
}

$json = Get-Content (Join-Path $Path 'app.json') -Raw | ConvertFrom-Json
"key is intact: $($json.key -ceq $values.Secret)"

foreach ($file in $problems.Keys) { "missing in ${file}: $($problems[$file] -join ', ')" }
if ($problems.Count -and -not $AllowMissing) {
    [Console]::Error.WriteLine("$($problems.Count) file(s) with unknown tokens")
    exit 2
}
