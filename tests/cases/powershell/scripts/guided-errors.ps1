<#
.SYNOPSIS
    Turns failures into messages that say what to do, and into exit codes that the pipeline understands.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

class DeploymentException : System.Exception {
    [int] $ExitCode
    [string] $Advice
    DeploymentException([string] $message, [int] $exitCode, [string] $advice) : base($message) {
        $this.ExitCode = $exitCode
        $this.Advice = $advice
    }
}

function Invoke-Guarded {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [scriptblock] $Action,
        [hashtable] $Context = @{}
    )
    $started = $false
    try {
        $started = $true
        & $Action
        Write-Host "[$Name] ok"
    }
    catch [DeploymentException] {
        Write-Host "[$Name] $($_.Exception.Message) -> $($_.Exception.Advice) (exit $($_.Exception.ExitCode))"
    }
    catch [System.Management.Automation.ItemNotFoundException], [System.IO.FileNotFoundException] {
        Write-Host "[$Name] missing: $(Split-Path $_.TargetObject -Leaf)"
    }
    catch [System.DivideByZeroException] {
        Write-Host "[$Name] never reached: the operator's exception is wrapped"
    }
    catch {
        $e = $_.Exception
        while ($e.InnerException) { $e = $e.InnerException }
        Write-Host "[$Name] $($e.GetType().Name): $($e.Message)"
    }
    finally {
        if ($started -and $Context.Count) { Write-Host "[$Name] context: $($Context.Keys -join ',')" }
    }
}

Invoke-Guarded 'fine' { $null = 1 + 1 }
Invoke-Guarded 'own' { throw [DeploymentException]::new('disk is full', 28, 'remove old releases') }
Invoke-Guarded 'file' { Get-Content ./no/such/settings.json }
Invoke-Guarded 'text' { throw 'plain words' } -Context @{ step = 1 }
Invoke-Guarded 'cast' { [int] 'many' }
Invoke-Guarded 'method' { [int]::Parse('x1') }
Invoke-Guarded 'json' { '{ "a": ' | ConvertFrom-Json | Out-Null } 6>$null
Invoke-Guarded 'inner' {
    try { throw [System.IO.IOException]::new('pipe broke') }
    catch { throw [System.InvalidOperationException]::new('cannot publish', $_.Exception) }
}
Invoke-Guarded 'null' { $nothing = $null; $nothing.Trim() }
Invoke-Guarded 'parameter' { function f { param([ValidateRange(1, 5)] [int] $N) $N } f -N 9 }

# Errors that don't end anything are collected.
function Test-Path2 {
    [CmdletBinding()] param([Parameter(ValueFromPipeline)] [string] $Path)
    process { if ($Path -like '*bad*') { Write-Error "cannot use $Path" -ErrorId BadPath -Category InvalidData } else { "used $Path" } }
}
$used = 'a', 'bad1', 'c', 'bad2' | Test-Path2 -ErrorAction SilentlyContinue -ErrorVariable bad
"$($used -join ', '); $($bad.Count) bad: $($bad[0].FullyQualifiedErrorId) $($bad[1].CategoryInfo.Category)"
'x', 'bad3' | Test-Path2 -ErrorAction Ignore
$before = $Error.Count
Get-Item ./nope -ErrorAction SilentlyContinue
$ok = $?
"recorded: $($Error.Count - $before); succeeded: $ok"

# trap and rethrow, and finally before the end.
function Publish {
    try { 'publishing'; throw [DeploymentException]::new('rejected by the feed', 7, 'use a new version') }
    finally { 'cleaning up' }
}
try { Publish }
catch {
    $failure = $_.Exception
    "failed at line $($_.InvocationInfo.ScriptLineNumber): $($failure.Message)"
    [Console]::Error.WriteLine("error: $($failure.Message). $($failure.Advice).")
    exit $failure.ExitCode
}
