// `performance`: a monotonic clock that starts with the script, marks and measures.

import { system } from '../system.js';

let origin = null;
let timeOrigin = null;

export function startClock() {
  origin = system.monotonic();
  timeOrigin = null;
}

const entries = [];
const record = (entryType, name, startTime, duration, detail = null) => {
  const entry = { name, entryType, startTime, duration, detail };
  entries.push(entry);
  return entry;
};
const at = (mark) => (typeof mark === 'number' ? mark : entries.findLast((entry) => entry.name === mark)?.startTime ?? 0);

export const performance = {
  now: () => system.monotonic() - (origin ?? 0),
  get timeOrigin() { return (timeOrigin ??= Date.now() - this.now()); },
  mark: (name, options) => record('mark', String(name), options?.startTime ?? performance.now(), 0, options?.detail),
  measure(name, start, end) {
    const from = start === undefined ? 0 : at(typeof start === 'object' ? start.start : start);
    return record('measure', String(name), from, (end === undefined ? performance.now() : at(end)) - from);
  },
  getEntries: () => [...entries],
  getEntriesByName: (name) => entries.filter((entry) => entry.name === name),
  getEntriesByType: (type) => entries.filter((entry) => entry.entryType === type),
  clearMarks() {},
  clearMeasures() {},
  toJSON: () => ({ timeOrigin: performance.timeOrigin }),
};
