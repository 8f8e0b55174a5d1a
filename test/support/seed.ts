import fc from 'fast-check';

// In CI the generated cases are the same for the same commit, so that a red build speaks of the change; on a developer's
// machine each run tries others. A failure prints its seed either way.
if (process.env['CI'] === 'true') fc.configureGlobal({ seed: 20_261_121 });
