# Generate files from a template folder.
New-Item tpl/conf.d -ItemType Directory -Force | Out-Null
Set-Content 'tpl/site-__NAME__.conf' 'server __NAME__:__PORT__;' , 'root __ROOT__;'
Set-Content 'tpl/conf.d/limits.conf' 'max=__MAX__ unknown=__NOPE__'
$sites = @(
    @{ NAME = 'shop'; PORT = 8080; ROOT = '/srv/shop'; MAX = 10 }
    @{ NAME = 'blog'; PORT = 8081; ROOT = '/srv/$1'; MAX = 2 }
)
$unknown = @{}
foreach ($site in $sites) {
    $root = Join-Path $PWD 'out' $site.NAME
    foreach ($file in Get-ChildItem tpl -Recurse -File | Sort-Object FullName) {
        $relative = [System.IO.Path]::GetRelativePath((Join-Path $PWD tpl), $file.FullName)
        $replace = { param($m) $k = $m.Groups[1].Value; if ($site.ContainsKey($k)) { "$($site[$k])" } else { $unknown["$($file.Name):$k"] += 1; $m.Value } }
        $target = Join-Path $root ([regex]::Replace($relative, '__([A-Z]+)__', $replace))
        New-Item (Split-Path $target) -ItemType Directory -Force | Out-Null
        $text = [regex]::Replace((Get-Content $file -Raw), '__([A-Z]+)__', $replace)
        Set-Content $target $text -NoNewline
    }
}
Get-ChildItem out -Recurse -File | Sort-Object FullName | ForEach-Object { [System.IO.Path]::GetRelativePath("$PWD/out", $_.FullName) + ' ' + $_.Length }
Get-Content out/blog/site-blog.conf
$unknown.GetEnumerator() | ForEach-Object { "$($_.Name) x$($_.Value)" }
Select-String -Path out/*/*.conf -Pattern 'server (\S+):' | ForEach-Object { $_.Matches[0].Groups[1].Value } | Sort-Object
(Get-ChildItem out -Recurse -Filter *.conf | Get-Content | Where-Object { $_ -like 'max=*' } | ForEach-Object { [int]($_ -replace '^max=(\d+).*', '$1') } | Measure-Object -Sum).Sum
Remove-Item out/* -Recurse -Include blog
(Get-ChildItem out).Name
