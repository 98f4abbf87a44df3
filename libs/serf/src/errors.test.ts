import { expect, test } from 'vitest';
import { AuthenticationError, refusal, RequestRefusedError, TooLargeError } from './errors.ts';

// What agents of 0.8.2 and 0.9.4 write.
test.each([
  ['Encoded length of tags exceeds limit of 512 bytes', 512],
  ['user event exceeds configured limit of 512 bytes before encoding', 512],
  ['user event exceeds sane limit of 9216 bytes after encoding', 9216],
  ['query exceeds limit of 1024 bytes', 1024],
])('“%s” is too much', (reason, limit_bytes) => {
  const error = refusal('x', reason);
  expect(error).toBeInstanceOf(TooLargeError);
  expect(error).toMatchObject({ command: 'x', reason, limit_bytes });
});

test.each(['Authentication required', 'Invalid authentication token'])('“%s” is about the key', (reason) => {
  expect(refusal('auth', reason)).toBeInstanceOf(AuthenticationError);
});

test('anything else says what the agent said', () => {
  const error = refusal('stream', 'Invalid event filter');
  expect(error.constructor).toBe(RequestRefusedError);
  expect(error.message).toBe('stream: the agent refuses: Invalid event filter');
});
