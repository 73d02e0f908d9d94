<#
.SYNOPSIS
    Secrets as SecureString and PSCredential: they are never printed, only used where they are needed.
#>
[CmdletBinding()]
param(
    [securestring] $ApiKey = (ConvertTo-SecureString $OctopusParameters['Secret'] -AsPlainText -Force),
    [string] $User = 'deploy'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Use-Secret {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [securestring] $Secret,
        [Parameter(Mandatory)] [scriptblock] $With
    )
    $plain = $Secret | ConvertFrom-SecureString -AsPlainText
    try { & $With $plain }
    finally { Remove-Variable plain }
}

function Get-Mask([string] $Text, [int] $Shown = 2) {
    if ($Text.Length -le $Shown) { return '*' * $Text.Length }
    $Text.Substring(0, $Shown) + ('*' * ($Text.Length - $Shown))
}

"the key is $ApiKey, $($ApiKey.Length) characters"
Use-Secret -Secret $ApiKey -With { param($key) "masked: $(Get-Mask $key)" }

$credential = [pscredential]::new($User, $ApiKey)
"user $($credential.UserName), password $($credential.Password)"
$network = $credential.GetNetworkCredential()
"network: $($network.UserName) $(Get-Mask $network.Password 1)"

# Basic authentication, put together by hand and by the cmdlet.
$pair = '{0}:{1}' -f $credential.UserName, $network.Password
$header = 'Basic ' + [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes($pair))
$byHand = Invoke-RestMethod "$env:API_URL/api/echo" -Headers @{ Authorization = $header }
$byCmdlet = Invoke-RestMethod "$env:API_URL/api/echo" -Authentication Basic -Credential $credential -AllowUnencryptedAuthentication
"same header: $($byHand.headers.authorization -eq $byCmdlet.headers.authorization)"

# A signature over a payload.
$payload = [ordered]@{ user = $User; at = '2024-05-01T00:00:00Z' } | ConvertTo-Json -Compress
$digest = [System.Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($payload + $network.Password))
$signature = [BitConverter]::ToString($digest).Replace('-', '').ToLowerInvariant()
"signature: $($signature.Length) hex digits, $(if ($signature -match '^[0-9a-f]{64}$') { 'well formed' } else { 'broken' })"
$stream = [IO.Path]::Combine($PWD, 'payload.txt')
[IO.File]::WriteAllText($stream, $payload + $network.Password)
"same digest: $((Get-FileHash $stream).Hash -eq $signature)"
Remove-Item $stream

# A table of settings in which secrets don't show.
$settings = @(
    [pscustomobject]@{ Name = 'Url'; Value = 'https://shop.local'; IsSecret = $false }
    [pscustomobject]@{ Name = 'Key'; Value = $network.Password; IsSecret = $true }
    [pscustomobject]@{ Name = 'Token'; Value = $null; IsSecret = $true }
)
$settings | Select-Object Name, @{ n = 'Shown'; e = {
        if (-not $_.IsSecret) { $_.Value }
        elseif ([string]::IsNullOrEmpty($_.Value)) { '(empty)' }
        else { Get-Mask $_.Value }
    } } | Format-List

# Strength, before anything uses it.
$checks = [ordered]@{
    'long enough' = { param($s) $s.Length -ge 12 }
    'has digits'  = { param($s) $s -match '\d' }
    'has capital' = { param($s) $s -cmatch '[A-Z]' }
}
$weak = $checks.Keys | Where-Object { -not (Use-Secret $ApiKey $checks[$_]) }
"not $($weak -join ', not ')"

Set-OctopusVariable -Name 'RotateKey' -Value ($weak.Count -gt 0) -Sensitive
