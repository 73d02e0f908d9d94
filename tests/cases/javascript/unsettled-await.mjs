// A top-level await that nothing can settle ends with 13.
console.log('waiting');
await new Promise(() => {});
console.log('never');
