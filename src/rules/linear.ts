import { RE2JS } from 're2js';
import { useLinearEngine } from './pattern.ts';

// Importing this file is what makes all of RE2's syntax available to rules.
useLinearEngine((pattern, ignoreCase) => {
  const compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  return (text) => compiled.test(text);
});
