export default 'esm default'; export const named = 1;
