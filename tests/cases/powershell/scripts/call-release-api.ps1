<#
.SYNOPSIS
    Makes releases over a REST API with a key, reads them page by page and removes old ones.
#>
[CmdletBinding()]
param(
    [uri] $Server = $env:API_URL,
    [string] $ApiKey = 'API-TEST',
    [int] $PageSize = 2
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:Headers = @{ 'X-Octopus-ApiKey' = $ApiKey; 'Accept' = 'application/json' }

function Invoke-Api {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Path,
        [ValidateSet('Get', 'Post', 'Delete')] [string] $Method = 'Get',
        [object] $Body
    )
    $request = @{
        Uri     = "$($Server.GetLeftPart('Authority'))/api/$($Path.TrimStart('/'))"
        Method  = $Method
        Headers = $script:Headers
    }
    if ($PSBoundParameters.ContainsKey('Body')) {
        $request.Body = $Body | ConvertTo-Json -Depth 5
        $request.ContentType = 'application/json'
    }
    try {
        Invoke-RestMethod @request
    }
    catch [Microsoft.PowerShell.Commands.HttpResponseException] {
        $reason = $_.ErrorDetails.Message
        if ($reason) { $reason = ($reason | ConvertFrom-Json).ErrorMessage }
        throw "$($Method.ToUpper()) $Path failed with $([int]$_.Exception.Response.StatusCode): $reason"
    }
}

function Get-AllPages {
    param([string] $Path, [int] $PageSize)
    $skip = 0
    do {
        $page = Invoke-Api "$($Path)?skip=$skip&take=$PageSize"
        Write-Host "  page from ${skip}: $(@($page.Items).Count) of $($page.TotalResults)"
        $page.Items
        $skip += $PageSize
    } while ($skip -lt $page.TotalResults)
}

# Without a key there is nothing to see.
$key = $script:Headers['X-Octopus-ApiKey']
$script:Headers.Remove('X-Octopus-ApiKey')
try { Invoke-Api 'releases' } catch { "refused: $_" }
$script:Headers['X-Octopus-ApiKey'] = $key

Write-Host 'Creating releases'
1..5 | ForEach-Object {
    $release = Invoke-Api 'releases' -Method Post -Body @{
        Version  = "1.$_.0"
        Packages = @(@{ Id = 'web'; Version = "1.$_.0" })
        Notes    = if ($_ % 2) { $null } else { 'even' }
    }
    "  $($release.Id) is $($release.Version)"
}

Write-Host 'Reading them'
$all = @(Get-AllPages -Path 'releases' -PageSize $PageSize)
"versions: $($all.Version -join ' ')"
"with notes: $(($all | Where-Object Notes).Id -join ' ')"
"first package: $($all[0].Packages[0].Id) $($all[0].Packages[0].Version)"

Write-Host 'Removing all but the newest two'
$old = $all | Sort-Object { [version] $_.Version } -Descending | Select-Object -Skip 2
foreach ($release in $old) {
    $null = Invoke-Api "releases/$($release.Id)" -Method Delete
}
(Invoke-Api 'releases').Items | Select-Object Id, Version | Format-Table -HideTableHeaders

# A bearer token works as well, and errors say what was asked for.
$token = ConvertTo-SecureString $ApiKey -AsPlainText -Force
$count = (Invoke-RestMethod "$($Server)api/releases" -Authentication Bearer -Token $token -AllowUnencryptedAuthentication).TotalResults
"left: $count"
try { Invoke-Api 'releases/Releases-1' } catch { $_.Exception.Message }
try { Invoke-Api 'releases' -Method Post -Body @{ Notes = 'no version' } } catch { $_.Exception.Message }
Invoke-Api 'releases/Releases-99'
