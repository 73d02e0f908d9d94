<#
.SYNOPSIS
    A deployment plan made of classes: steps with conditions, a log, and a report.
#>
using namespace System.Collections.Generic

[CmdletBinding()]
param([string] $Target = 'prod')

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

enum StepState { Pending; Running; Done; Skipped; Failed }

[Flags()] enum Scope { None = 0; Dev = 1; Test = 2; Prod = 4; All = 7 }

class Step {
    [string] $Name
    [Scope] $Scope = [Scope]::All
    [StepState] $State = [StepState]::Pending
    [int] $Attempts
    hidden [string] $Error_

    Step([string] $name) { $this.Name = $name }
    Step([string] $name, [Scope] $scope) { $this.Name = $name; $this.Scope = $scope }

    [bool] AppliesTo([Scope] $scope) { return ($this.Scope -band $scope) -ne [Scope]::None }

    # What a kind of step does; the base does nothing.
    [string] Run() { return "$($this.Name): nothing to do" }

    [string] ToString() { return "$($this.Name) [$($this.State)]" }
}

class ScriptStep : Step {
    [scriptblock] $Body
    [int] $MaxAttempts = 1

    ScriptStep([string] $name, [scriptblock] $body) : base($name) { $this.Body = $body }
    ScriptStep([string] $name, [Scope] $scope, [scriptblock] $body) : base($name, $scope) { $this.Body = $body }

    [string] Run() { return "$($this.Name): $(& $this.Body $this.Attempts)" }
}

class ApprovalStep : Step {
    static [int] $Asked = 0
    [string[]] $By

    ApprovalStep([string] $name, [string[]] $by) : base($name, [Scope]::Prod) { $this.By = $by }

    [string] Run() {
        [ApprovalStep]::Asked++
        return ([Step]$this).Name + ': approved by ' + ($this.By -join ' and ')
    }
}

class Plan {
    [List[Step]] $Steps = [List[Step]]::new()
    [List[string]] $Log = [List[string]]::new()

    [Plan] Add([Step] $step) {
        $this.Steps.Add($step)
        return $this
    }

    [bool] Execute([Scope] $scope) {
        $ok = $true
        foreach ($step in $this.Steps) {
            if (-not $ok -or -not $step.AppliesTo($scope)) {
                $step.State = 'Skipped'
                continue
            }
            $step.State = [StepState]::Running
            $max = if ($step -is [ScriptStep]) { $step.MaxAttempts } else { 1 }
            while ($step.State -eq [StepState]::Running) {
                $step.Attempts++
                try {
                    $this.Log.Add($step.Run())
                    $step.State = [StepState]::Done
                }
                catch {
                    $this.Log.Add("$($step.Name): attempt $($step.Attempts) failed: $($_.Exception.Message)")
                    if ($step.Attempts -ge $max) {
                        $step.State = [StepState]::Failed
                        $step.Error_ = $_.Exception.Message
                        $ok = $false
                    }
                }
            }
        }
        return $ok
    }

    static [hashtable] Count([Step[]] $steps) {
        $counts = @{}
        $steps | ForEach-Object { $counts["$($_.State)"]++ }
        return $counts
    }
}

$smoke = [ScriptStep]::new('smoke', { param($n) if ($n -lt 2) { throw "no answer ($n)" } 'answers' })
$smoke.MaxAttempts = 3
$plan = [Plan]::new().Add([Step]::new('announce')).Add([ApprovalStep]::new('approve', @('ann', 'bob')))
$null = $plan.Add([ScriptStep]::new('seed', 'Dev, Test', { 'seeded' })).Add([ScriptStep]::new('copy', { 'copied 3 files' }))
$null = $plan.Add($smoke).Add([ScriptStep]::new('warm', { $null.Length }))
$null = $plan.Add([ScriptStep]::new('close', { 'never' }))

$ok = $plan.Execute($Target)
$plan.Log
"ok: $ok; asked: $([ApprovalStep]::Asked)"
$plan.Steps | ForEach-Object { "$_" }
$counts = [Plan]::Count($plan.Steps)
($counts.Keys | Sort-Object | ForEach-Object { "$_=$($counts[$_])" }) -join ' '
$plan.Steps | Where-Object State -in 'Failed', 'Skipped' | Select-Object Name, Scope, State | Format-Table
"scopes: $([Scope]'Dev, Prod'), $([int]([Scope]::Test -bor [Scope]::Prod)), $([Scope]5 -eq [Scope]'Dev, Prod')"
"types: $($plan.Steps[1].GetType().BaseType.Name), $($smoke -is [Step]), $($plan.Steps.GetType().Name)"
try { $smoke.State = 'Unknown' } catch { 'no such state' }
try { [Step]::new() } catch { "needs a name" }
if (-not $ok) { exit [int]$plan.Steps.Find({ param($s) $s.State -eq 'Failed' }).Attempts }
