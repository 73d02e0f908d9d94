// TypeScript: types are removed, enums and parameter properties work, lines stay where they were.
import { join, type ParsedPath } from 'node:path';
import type { Stats } from 'node:fs';
interface Target { readonly name: string; port?: number }
enum Level { Info, Warn = 'warn' }
abstract class Base<T> { constructor(protected readonly value: T, public label?: string) {} abstract show(): string }
class Shown extends Base<number> { override show(): string { return `${this.label ?? 'none'}=${this.value!}`; } }
const targets = [{ name: 'a' }, { name: 'b', port: 80 }] satisfies Target[];
function pick<K extends keyof Target>(target: Target, key: K): Target[K] { return target[key]; }
const parsed = undefined as unknown as ParsedPath | undefined;
let stats: Stats | null = null;
console.log(join('a', 'b'), targets.map((t: Target) => pick(t, 'port') ?? 0), Level.Info, Level[0], Level.Warn, new Shown(3, 'x').show(), parsed, stats);
const later: number = await Promise.resolve(1 as const);
console.log(later, <string>'cast');
try { null!.x; } catch (error: unknown) { console.log((error as Error).stack!.split('\n')[1].trim().replace(/:\d+\)?$/, '')); }
