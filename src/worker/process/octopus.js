// Octopus's helpers for scripts in Node.js. Put in front of a call of `run`.
const encode = (text) => Buffer.from(String(text), 'utf8').toString('base64');
const decode = (text) => Buffer.from(text, 'base64').toString('utf8');

function run(variablesPath, scriptPath) {
    const fs = require('node:fs');
    const path = require('node:path');
    const variables = JSON.parse(fs.readFileSync(variablesPath, 'utf8'));
    const folded = new Map(Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value]));
    // Written at once: what is buffered would be lost when the script exits.
    const print = (text) => fs.writeSync(1, text + '\n');
    const say = (kind, attributes) => print(`##octopus[${kind}${Object.entries(attributes)
        .map(([name, value]) => ` ${name}='${encode(value)}'`).join('')}]`);
    const level = (name) => (message) => print(`##octopus[stdout-${name}]\n${message}\n##octopus[stdout-default]`);
    const helpers = {
        get_octopusvariable: (name) => folded.get(String(name).toLowerCase()),
        set_octopusvariable: (name, value, options) => say('setVariable', {
            name, value, sensitive: options === true || options?.sensitive === true ? 'True' : 'False',
        }),
        createartifact: (file, name) => {
            const full = fs.realpathSync(file);
            say('createArtifact', { path: full, name: name ?? path.basename(full), length: fs.statSync(full).size });
        },
        updateprogress: (percentage, message) => say('progress', { percentage, message: message ?? '' }),
        failstep: (message) => {
            if (message !== undefined) say('resultMessage', { message });
            process.exit(255);
        },
        printverbose: level('verbose'),
        printhighlight: level('highlight'),
        printwait: level('wait'),
        printwarning: level('warning'),
    };
    Object.assign(globalThis, helpers, {
        getOctopusVariable: helpers.get_octopusvariable, setOctopusVariable: helpers.set_octopusvariable,
        createArtifact: helpers.createartifact, updateProgress: helpers.updateprogress, failStep: helpers.failstep,
        printVerbose: helpers.printverbose, printHighlight: helpers.printhighlight, printWait: helpers.printwait,
        printWarning: helpers.printwarning, octopusvariables: variables, octopusVariables: variables, encode, decode,
        require,
    });
    process.argv[1] = scriptPath;
    import(require('node:url').pathToFileURL(scriptPath)).catch((error) => {
        console.error(error);
        process.exit(1);
    });
}
