# Promote a release between environments.
[CmdletBinding()]
param([string] $From = 'test', [string] $To = 'prod', [switch] $Force)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$state = @{
    test = @{ web = '2.3.1'; api = '1.9.0'; jobs = '0.4.0-rc.1' }
    prod = @{ web = '2.3.0'; api = '1.9.0' }
}
$changes = foreach ($app in $state[$From].Keys | Sort-Object) {
    $new = [semver]$state[$From][$app]
    $old = if ($state[$To].ContainsKey($app)) { [semver]$state[$To][$app] }
    $kind = if ($null -eq $old) { 'new' } elseif ($new -eq $old) { 'same' } elseif ($new.Major -ne $old.Major) { 'major' } elseif ($new.Minor -ne $old.Minor) { 'minor' } else { 'patch' }
    [pscustomobject]@{ App = $app; Old = $old; New = $new; Kind = $kind; Allowed = $Force -or ($kind -notin 'same', 'major' -and -not $new.PreReleaseLabel) }
}
$changes | Format-Table
foreach ($c in $changes | Where-Object Allowed) {
    $state[$To][$c.App] = "$($c.New)"
    Write-Host "$($c.App): $($c.Old ?? 'none') -> $($c.New)"
}
$state[$To].GetEnumerator() | Sort-Object Key | ForEach-Object { '{0}={1}' -f $_.Key, $_.Value }
$refused = @($changes | Where-Object { -not $_.Allowed -and $_.Kind -ne 'same' })
if ($refused.Count) { Write-Warning "refused: $($refused.App -join ', ')" }
try { $state.stage.web } catch { $_.Exception.Message }
try { $changes[0].Nope } catch { $_.Exception.Message }
try { $undefined } catch { $_.FullyQualifiedErrorId }
$PSBoundParameters.Count; $MyInvocation.BoundParameters.Count; $Force.IsPresent; $Force.GetType().Name
