<#
.SYNOPSIS
    Downloads what a manifest names and checks every file's digest before it is used.
#>
[CmdletBinding()]
param(
    [string] $Source = "$env:API_URL/files",
    [string] $Target = 'downloads'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

if (Test-Path $Target) { Remove-Item $Target -Recurse -Force }
$Target = (New-Item -ItemType Directory -Path $Target).FullName

# name, sha256 and size, as the build wrote them; the last one doesn't exist and the third is wrong.
$manifest = @'
Name,Sha256,Size
blob.bin,40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880,256
notes.txt,,23
notes.txt,0000000000000000000000000000000000000000000000000000000000000000,23
gone.txt,,1
'@ | ConvertFrom-Csv

function Save-File {
    [CmdletBinding()]
    [OutputType([System.IO.FileInfo])]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)] [string] $Name,
        [Parameter(ValueFromPipelineByPropertyName)] [string] $Sha256,
        [Parameter(ValueFromPipelineByPropertyName)] [long] $Size
    )
    process {
        $file = Join-Path $Target $Name
        Invoke-WebRequest -Uri "$Source/$Name" -OutFile $file
        $item = Get-Item $file
        if ($item.Length -ne $Size) {
            throw [System.IO.InvalidDataException]::new("'$Name' has $($item.Length) bytes, not $Size")
        }
        if ($Sha256) {
            $actual = (Get-FileHash $file -Algorithm SHA256).Hash
            if ($actual -ne $Sha256) {
                Remove-Item $file
                throw [System.IO.InvalidDataException]::new("'$Name' is not what was built: $($actual.Substring(0, 12))...")
            }
        }
        $item
    }
}

$failures = [System.Collections.Generic.List[string]]::new()
foreach ($entry in $manifest) {
    try {
        $saved = $entry | Save-File
        Write-Host ("{0,-10} {1,4} bytes  ok" -f $saved.Name, $saved.Length)
    }
    catch [System.IO.InvalidDataException] {
        Write-Host "$($entry.Name): $($_.Exception.Message)"
        $failures.Add($entry.Name)
    }
    catch {
        Write-Host "$($entry.Name): could not be fetched ($($_.Exception.GetType().Name))"
        $failures.Add($entry.Name)
    }
}

"left: $((Get-ChildItem $Target | Sort-Object Name).Name -join ', ')"
"failed: $($failures -join ', ')"

$bytes = [System.IO.File]::ReadAllBytes((Join-Path $Target 'blob.bin'))
"bytes: $($bytes[0]) $($bytes[127]) $($bytes[-1]) ($($bytes.Length))"
"base64: $([Convert]::ToBase64String($bytes[250..255]))"

# Text keeps its lines; a redirect is followed.
(Invoke-RestMethod "$Source/notes.txt").Split("`n", [StringSplitOptions]::RemoveEmptyEntries) | ForEach-Object { "> $_" }
(Invoke-RestMethod ($Source -replace 'files$', 'old/status')).version
$head = Invoke-WebRequest "$Source/blob.bin" -Method Head
"head: $($head.Headers['Content-Length'])"
exit $failures.Count
