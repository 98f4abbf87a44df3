import { skippedTests } from './skipped-tests.mjs';

/**
 * A core lib is pure: what it knows comes in as arguments, what it decides goes out as values. So the same input gives
 * the same output on every host, a simulator can drive it from a seed, and it runs in a browser as well.
 */

/** What pure libs may import beside files of their own and each other; all of it is pure as well. */
const ALLOWED_PACKAGES = ['zod', 'ipaddr\\.js', 'yaml', 'fastest-levenshtein', '@guaita/[a-z-]+'];

const IMPURE_GLOBALS = {
  time: ['performance', 'Temporal', 'scheduler'],
  timers: [
    'setTimeout',
    'setInterval',
    'setImmediate',
    'clearTimeout',
    'clearInterval',
    'clearImmediate',
    'queueMicrotask',
    'requestAnimationFrame',
    'requestIdleCallback',
  ],
  randomness: ['crypto'],
  'the process': ['process', 'global', 'globalThis', 'window', 'self', 'require', 'module', 'Buffer', '__dirname'],
  'the network': ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'BroadcastChannel', 'navigator'],
  storage: ['localStorage', 'sessionStorage', 'indexedDB', 'caches'],
  'the terminal': ['console'],
};

const PASS_IT_IN = 'A core lib is pure: have it passed in by whoever calls.';

/**
 * The rules for core libs. They take the place of `no-restricted-syntax` as set for all files, so they repeat it.
 *
 * @returns {Record<string, unknown[]>}
 */
export function corePurity() {
  return {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(?!\\.{1,2}/|(?:${ALLOWED_PACKAGES.join('|')})(?:/|$))`,
            message: 'A core lib imports zod, ipaddr.js, yaml, other core libs and its own files, nothing else.',
          },
        ],
      },
    ],
    'no-restricted-globals': [
      'error',
      ...Object.entries(IMPURE_GLOBALS).flatMap(([what, names]) =>
        names.map((name) => ({ name, message: `This reaches for ${what}. ${PASS_IT_IN}` })),
      ),
    ],
    'no-restricted-properties': [
      'error',
      { object: 'Date', property: 'now', message: `This reads the clock. ${PASS_IT_IN}` },
      { object: 'Math', property: 'random', message: `This is randomness. ${PASS_IT_IN}` },
      { object: 'AbortSignal', property: 'timeout', message: `This is a timer. ${PASS_IT_IN}` },
      { object: 'Atomics', property: 'wait', message: `This waits. ${PASS_IT_IN}` },
    ],
    'no-restricted-syntax': [
      'error',
      skippedTests,
      {
        selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
        message: `new Date() reads the clock. ${PASS_IT_IN}`,
      },
      { selector: 'CallExpression[callee.name="Date"]', message: `Date() reads the clock. ${PASS_IT_IN}` },
      {
        selector:
          ':not(MemberExpression, NewExpression, CallExpression, BinaryExpression, TSTypeReference) > Identifier[name=/^(Date|Math)$/]',
        message:
          'Under another name, the clock and randomness would not be found. Use Date and Math by their own names.',
      },
      {
        selector: 'MemberExpression[computed=true][object.name=/^(Date|Math)$/]',
        message: 'Name the property, so that the clock and randomness can be found.',
      },
      { selector: 'ImportExpression', message: 'A core lib loads nothing at run time: import at the top.' },
      { selector: 'TSImportEqualsDeclaration', message: 'A core lib imports by import … from.' },
    ],
  };
}
