// The deployment helpers under both families of names, and nothing else of ours.
const names = ['get_octopusvariable', 'getOctopusVariable', 'set_octopusvariable', 'setOctopusVariable', 'octopusvariables', 'octopusVariables', 'createartifact', 'createArtifact',
  'updateprogress', 'updateProgress', 'failstep', 'failStep', 'printverbose', 'printVerbose', 'printhighlight', 'printHighlight', 'printwait', 'printWait', 'printwarning', 'printWarning', 'encode', 'decode'];
console.log(names.map((name) => typeof globalThis[name]).join(' '));
console.log(Object.keys(globalThis), typeof __system, typeof system, typeof bundle);
