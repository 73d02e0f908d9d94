<#
.SYNOPSIS
    Waits until a service answers, with retries, exponential back-off and a deadline.
.NOTES
    $env:API_URL is the service's address.
#>
#requires -Version 7.0
[CmdletBinding()]
param(
    [ValidateNotNullOrEmpty()]
    [string] $BaseUrl = $env:API_URL,

    [ValidateRange(1, 20)]
    [int] $MaxAttempts = 5
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Invoke-WithRetry {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [scriptblock] $Action,
        [int] $MaxAttempts = 3,
        [int] $InitialDelayMs = 1,
        [double] $Factor = 2.0,
        [scriptblock] $RetryWhen = { $true }
    )

    $delay = $InitialDelayMs
    for ($attempt = 1; ; $attempt++) {
        try {
            return & $Action $attempt
        }
        catch {
            $canRetry = & $RetryWhen $_
            if ($attempt -ge $MaxAttempts -or -not $canRetry) {
                Write-Warning "Giving up after $attempt attempt(s)."
                throw
            }
            Write-Host "Attempt $attempt failed: $($_.Exception.Message) Next try in $delay ms."
            Start-Sleep -Milliseconds $delay
            $delay = [Math]::Min([int]($delay * $Factor), 50)
        }
    }
}

$isServerError = {
    param($failure)
    $response = $failure.Exception.Response
    $null -ne $response -and [int] $response.StatusCode -ge 500
}

# 1. The service is starting: 503 twice, then ready.
$ready = Invoke-WithRetry -MaxAttempts $MaxAttempts -RetryWhen $isServerError -Action {
    param($n)
    Invoke-RestMethod -Uri "$BaseUrl/api/flaky/poll-health" -TimeoutSec 10
}
"status: $($ready.status) after $($ready.calls) calls"

# 2. What isn't there doesn't get better by waiting.
try {
    Invoke-WithRetry -MaxAttempts $MaxAttempts -RetryWhen $isServerError { Invoke-RestMethod "$BaseUrl/nothing" }
}
catch [Microsoft.PowerShell.Commands.HttpResponseException] {
    $code = $_.Exception.Response.StatusCode
    "gave up on {0} ({1})" -f [int]$code, $code
    ($_.ErrorDetails.Message | ConvertFrom-Json).ErrorMessage
}

# 3. The built-in retries do the same.
$answer = Invoke-WebRequest "$BaseUrl/api/flaky/built-in" -MaximumRetryCount 4 -RetryIntervalSec 1
"built-in: $($answer.StatusCode) $($answer.StatusDescription) $(($answer.Content | ConvertFrom-Json).calls)"

# 4. A status that is looked at instead of thrown.
$body = Invoke-RestMethod "$BaseUrl/api/broken" -SkipHttpErrorCheck -StatusCodeVariable status
"looked at: $status, $($body.ErrorMessage)"

# 5. Several endpoints, one verdict.
$results = foreach ($path in '/health', '/api/status', '/api/broken') {
    $response = Invoke-WebRequest -Uri ($BaseUrl + $path) -SkipHttpErrorCheck
    [pscustomobject]@{
        Path    = $path
        Code    = $response.StatusCode
        Healthy = $response.StatusCode -eq 200
        Type    = "$($response.Headers['Content-Type'])".Split(';')[0]
    }
}
$results | Format-Table
$unhealthy = @($results | Where-Object -Not Healthy)
if ($unhealthy.Count -gt 0) {
    Write-Host "$($unhealthy.Count) of $($results.Count) endpoints are not healthy: $($unhealthy.Path)"
    exit 3
}
'never reached'
