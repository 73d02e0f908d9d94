// Without a messages file the helpers print their messages; without variables there are none.
const fs = require('fs');
set_octopusvariable('Url', 'https://e.com/ü');
setOctopusVariable('Key', 's3cret', { sensitive: true });
setOctopusVariable('Key2', 's3cret', true);
console.log(JSON.stringify(get_octopusvariable('Url')), octopusvariables.Url, 'Url' in octopusVariables, Object.keys(octopusvariables), decode(encode('ü')));
fs.writeFileSync('report.txt', 'four');
createartifact('report.txt');
createArtifact('report.txt', 'renamed.txt');
updateprogress(50, 'half way');
printverbose('verbose');
printHighlight('highlight');
printwait('wait');
printWarning('warning');
process.on('exit', (code) => { console.log('exit', code); process.exitCode = 0; });
failstep('it did not work');
