console.log('greet evaluated once');
export let count = 0;
export function increment() { count++; }
export default function greet(name) { return `hello ${name}`; }
