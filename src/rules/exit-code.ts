/** The largest code with which a process can end. */
export const MOST_CODE = 255;

export const isExitCode = (digits: string): boolean => /^(?:0|[1-9]\d{0,2})$/u.test(digits) && Number(digits) <= MOST_CODE;

/** The message for anything else. */
export const notAnExitCode = (what: string): string =>
  `${what} is no exit code; a process ends with a whole number from 0 to ${MOST_CODE}: its code, or 128 and the number of a signal`;
