import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/seed.ts'],
    // Else one core would be left to us alone: on CI's two, half of the time.
    maxWorkers: '100%',
    // Properties run hundreds of cases, and CI's machines are slow.
    testTimeout: 60_000,
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary'] },
  },
});
