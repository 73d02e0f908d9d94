// Nothing of a script with a syntax error runs.
console.log('never');
const x = ;
