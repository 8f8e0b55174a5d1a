import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/kernel-setup.ts'],
    setupFiles: ['test/support/seed.ts'],
    // Else one core would be left to us alone: on CI's two, half of the time.
    maxWorkers: '100%',
    // A hang ends a test, a slow machine does not: nothing here takes a tenth of that.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000, interval: 20 } },
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary'] },
  },
});
