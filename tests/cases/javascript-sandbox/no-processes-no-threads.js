// Modules that need what a sandbox lacks can be imported; calling them says why not.
for (const [name, call] of [['child_process', 'execSync'], ['child_process', 'spawn'], ['worker_threads', 'Worker'], ['net', 'connect'], ['dns', 'lookup'], ['zlib', 'gzipSync']]) {
  try { require(name)[call]('ls'); } catch (error) { console.log(error.code, error.message); }
}
import('node:child_process').then(({ exec }) => { try { exec('ls'); } catch (error) { console.log(error.message); } });
