// uncaughtException and unhandledRejection handlers keep the script alive.
process.on('uncaughtException', (error, origin) => console.log('caught', error.message, origin));
process.on('unhandledRejection', (reason) => console.log('rejected', reason));
setTimeout(() => { throw new Error('in timer'); }, 1);
setTimeout(() => Promise.reject('plain'), 2);
setTimeout(() => console.log('still here'), 10);
