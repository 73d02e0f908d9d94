export const banner = (stage) => `[${stage}]`;
