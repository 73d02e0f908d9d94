# Smoke tests with a table of expectations.
$api = $env:API_URL
$tests = @'
Name,Method,Path,Status,Contains
health,GET,/health,200,healthy
status,GET,/api/status,200,"""version"":""1.4.0"""
secret,GET,/api/releases,401,logged in
missing,GET,/nope,404,nothing
moved,GET,/old/status,200,cache
broken,GET,/api/broken,200,fine
'@ | ConvertFrom-Csv
$results = foreach ($t in $tests) {
    $response = Invoke-WebRequest -Uri "$api$($t.Path)" -Method $t.Method -SkipHttpErrorCheck
    $problems = @()
    if ($response.StatusCode -ne $t.Status) { $problems += "status $($response.StatusCode) instead of $($t.Status)" }
    if ($response.Content -notlike "*$($t.Contains)*") { $problems += "no '$($t.Contains)'" }
    [pscustomobject]@{ Test = $t.Name; Passed = $problems.Count -eq 0; Problems = $problems -join '; ' }
}
$results | Format-Table -AutoSize -Wrap
$passed, $failed = $results.Where({ $_.Passed }, 'Split')
"{0}/{1} passed" -f $passed.Count, $results.Count
$failed | ForEach-Object { Write-Host "FAILED $($_.Test): $($_.Problems)" }
$junit = [xml]'<testsuite name="smoke"/>'
$junit.testsuite.SetAttribute('tests', $results.Count); $junit.testsuite.SetAttribute('failures', @($failed).Count)
foreach ($r in $results) { $case = $junit.CreateElement('testcase'); $case.SetAttribute('name', $r.Test); if (-not $r.Passed) { $f = $junit.CreateElement('failure'); $f.SetAttribute('message', $r.Problems); [void]$case.AppendChild($f) }; [void]$junit.DocumentElement.AppendChild($case) }
$junit.Save("$PWD/junit.xml")
(Select-Xml -Path junit.xml -XPath '//testcase[failure]').Node.name
Get-Content junit.xml | Select-Object -First 2
$junit.testsuite.tests; $junit.testsuite.testcase.Count; $junit.SelectNodes('//failure').Count
if ($failed) { exit 1 }
