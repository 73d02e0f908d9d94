// process: environment, arguments, working directory, standard streams.
console.log(process.env.SEAWALL_NOT_SET, 'SEAWALL_NOT_SET' in process.env, typeof process.env);
process.env.ADDED = 5; console.log(process.env.ADDED, typeof process.env.ADDED); delete process.env.ADDED; console.log(process.env.ADDED);
console.log(process.argv.slice(2), require('path').basename(process.argv[1]), __filename === process.argv[1], require('path').dirname(__filename) === __dirname);
console.log(process.platform, typeof process.pid, process.stdout.write('written\n'), typeof process.hrtime.bigint(), process.uptime() >= 0);
process.stdout.write('no newline'); process.stdout.write('\n');
console.log(require.main === module, module.exports === exports, typeof require, this === module.exports, typeof process.version, process.exitCode);
console.log(process.cwd() === require('fs').realpathSync('.'));
require('fs').mkdirSync('sub'); process.chdir('sub'); console.log(require('path').basename(process.cwd()));
const os = require('os'); console.log(JSON.stringify(os.EOL), os.platform(), typeof os.tmpdir());
