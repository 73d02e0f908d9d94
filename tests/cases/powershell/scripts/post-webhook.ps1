<#
.SYNOPSIS
    Tells a chat channel how a deployment went.
.DESCRIPTION
    Builds a message of blocks, escapes what users wrote, cuts it to a length, and posts it.
#>
param(
    [string] $Hook = "$env:API_URL/api/echo",
    [string] $Project = $OctopusParameters['Project.Name'],
    [timespan] $Duration = '00:03:07.250'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$colours = @{ Success = '#2eb886'; Warning = '#daa038'; Failed = '#a30200' }

function ConvertTo-SlackText {
    param([Parameter(ValueFromPipeline)] [AllowEmptyString()] [string] $Text, [int] $MaxLength = 60)
    process {
        $escaped = $Text.Replace('&', '&amp;').Replace('<', '&lt;').Replace('>', '&gt;')
        if ($escaped.Length -gt $MaxLength) { $escaped.Substring(0, $MaxLength - 1) + [char]0x2026 }
        else { $escaped }
    }
}

function New-Field([string] $Title, $Value) {
    [ordered]@{ type = 'mrkdwn'; text = "*$Title*`n$Value" }
}

function New-Message {
    param(
        [ValidateSet('Success', 'Warning', 'Failed')] [string] $State,
        [string[]] $Changes = @(),
        [hashtable] $Facts = @{}
    )
    $fields = @(foreach ($name in $Facts.Keys | Sort-Object) { New-Field $name $Facts[$name] })
    $blocks = @(
        [ordered]@{ type = 'header'; text = [ordered]@{ type = 'plain_text' } }
        if ($fields) { [ordered]@{ type = 'section'; fields = $fields } }
        if ($Changes) {
            [ordered]@{
                type = 'section'
                text = ($Changes | ConvertTo-SlackText | ForEach-Object { [char]0x2022 + " $_" }) -join "`n"
            }
        }
    )
    $blocks[0].text.text = "$Project $($State.ToLower())"
    [ordered]@{ attachments = @([ordered]@{ color = $colours[$State]; blocks = $blocks }) }
}

$elapsed = '{0:m\:ss}' -f $Duration
$message = New-Message -State Success -Facts @{ Environment = 'Production'; Took = $elapsed; Version = '1.4.0' } -Changes @(
    'Totals are <b>rounded</b> & shown'
    'A very long line that says much more than anybody wants to read in a channel'
)
$json = $message | ConvertTo-Json -Depth 10
$json

$parameters = @{
    Uri         = $Hook
    Method      = 'POST'
    Body        = $json
    ContentType = 'application/json; charset=utf-8'
    Headers     = @{ 'X-Trace' = 'deploy-7' }
    UserAgent   = 'seawall-hook/1.0'
}
$answer = Invoke-RestMethod @parameters
"{0} {1} trace={2} agent={3}" -f $answer.method, $answer.type, $answer.headers.'x-trace', $answer.headers.'user-agent'
$section = $answer.body.attachments[0].blocks | Where-Object { $_.type -eq 'section' -and $_.PSObject.Properties['fields'] }
$section.fields.text | ForEach-Object { $_ -replace "`n", ': ' -replace '\*' }

# A form, for the old hook.
$form = Invoke-RestMethod $Hook -Method Post -Body @{ text = 'a&b' }
"$($form.type): $($form.body)"
# GET puts the table into the query.
(Invoke-RestMethod $Hook -Body @{ q = 'x y' }).query
