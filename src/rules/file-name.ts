/** Whether a file of a folder holds rules, by its name: `x.test.yaml` holds the tests of `x.yaml`. */
export const isRulesName = (name: string): boolean => /\.ya?ml$/u.test(name) && !/\.test\.ya?ml$/u.test(name);
