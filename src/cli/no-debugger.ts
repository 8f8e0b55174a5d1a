// Imported first of all, by the program's first file: without a listener, SIGUSR1 has Node open its debugger to whoever is on
// this host. What a command does with the signal, it says itself.
process.on('SIGUSR1', () => {});
