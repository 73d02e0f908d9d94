export * from './late.mjs';
export { default, count as total } from './greet.mjs';
export const [first, { second }] = [1, { second: 2 }];
