/** A test that has not ended by then hangs. No machine is this slow: a limit says that something stands still, not that it is slow. */
export const PATIENCE = { timeout: 300_000 };

/** How often something that another process will do is looked at, and when to stop: before the test's own limit, which would say less. */
export const poll = { timeout: 120_000, interval: 20 };
