import { RE2JS } from 're2js';
import { groupsFrom, useLinearEngine } from './pattern.ts';

// Importing this file is what makes all of RE2's syntax available to rules.
useLinearEngine((pattern, ignoreCase) => {
  const compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  const names = Object.entries(compiled.namedGroups());
  return {
    test: (text) => compiled.test(text),
    groupsIn: (text) => {
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return undefined;
      return groupsFrom(
        names.map(([name]) => name),
        (index) => matcher.group(names[index]![1]),
      );
    },
    replace: (text, by, most) => {
      const matcher = compiled.matcher(text);
      let replaced = '';
      let from = 0;
      for (let left = most; left > 0 && matcher.find();) {
        if (matcher.end() === matcher.start()) continue;
        replaced += text.slice(from, matcher.start()) + by;
        from = matcher.end();
        left -= 1;
      }
      return replaced + text.slice(from);
    },
  };
});
