import { expect, it, test } from 'vitest';
import { makeToken, TokenName, Tokens, tokensConfig } from './tokens.ts';

it('knows whose a token is, and knows no other', () => {
  const [ada, bob] = [makeToken(), makeToken()];
  const tokens = new Tokens(
    tokensConfig.parse({ ada: { role: 'operator', sha256: ada.sha256 }, bob: { role: 'viewer', sha256: bob.sha256 } }),
  );
  expect(tokens.holderOf(ada.token)).toEqual({ name: 'ada', role: 'operator' });
  expect(tokens.holderOf(bob.token)).toEqual({ name: 'bob', role: 'viewer' });
  for (const wrong of ['', ada.sha256, ada.token.slice(1), `${ada.token} `, makeToken().token])
    expect(tokens.holderOf(wrong)).toBeUndefined();
});

it('makes tokens of 256 bits that can stand in a header and in a cookie', () => {
  const { token } = makeToken();
  expect(token).toMatch(/^guaita_[\w-]{43}$/);
  expect(makeToken().token).not.toBe(token);
});

it('has the configuration hold a hash, not a token', () => {
  const { token } = makeToken();
  const { error } = tokensConfig.safeParse({ ada: { role: 'viewer', sha256: token } });
  expect(error?.message).toContain('is not the hash of a token; give what `guaita token` prints');
});

test.each([
  ['ada', true],
  ['Ada Lovelace', true],
  ['Åsa (on call)', true],
  ['x', true],
  ['', false],
  [' ada', false],
  ['ada\n', false],
  ['a\u202eda', false],
  ['x'.repeat(65), false],
])('%j is a name: %s', (name, fits) => {
  expect(TokenName.safeParse(name).success).toBe(fits);
});
