// What few scripts use, in a bundle of its own so that it stays out of the memory that every script touches: the streams
// standard (`fetch` bodies, mostly) and the TypeScript remover.

import * as streams from 'web-streams-polyfill';
import { stripTypes } from './typescript.js';

export const extras = { streams, stripTypes };
