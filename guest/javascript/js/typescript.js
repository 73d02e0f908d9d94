// TypeScript to JavaScript by removing types, with `sucrase`: line numbers stay as they are, nothing is checked.

import { transform } from 'sucrase';

export function stripTypes(source, path) {
  try {
    return transform(source, {
      transforms: ['typescript'], disableESTransforms: true, preserveDynamicImport: true, filePath: path,
    }).code;
  } catch (error) {
    const where = error.loc ? `:${error.loc.line}:${error.loc.column + 1}` : '';
    const clean = new SyntaxError(String(error.message).replace(/^Error transforming [^:]*: /, ''));
    clean.stack = `SyntaxError: ${clean.message}\n    at ${path}${where}`;
    throw clean;
  }
}
