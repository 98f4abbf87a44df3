import { describe, expect, it } from 'vitest';
import { wishesOf } from './wishes.ts';

describe('labels', () => {
  it('say what is wished of a service, of its ports, and further facts', () => {
    expect(
      wishesOf({
        'guaita.service.type': 'HTTP',
        'guaita.service.name': 'The Shop',
        'guaita.service.description': 'sells\nthings',
        'guaita.service.8080.publish': 'false',
        'guaita.service.8443.type': 'https',
        'guaita.service.8443.name': 'shop-tls',
        'guaita.service.txt.path': '/shop',
        'com.example.type': 'ignored',
        'guaita.serviceful': 'ignored',
      }),
    ).toEqual({
      all: { type: 'http', name: 'the-shop', description: 'sells things' },
      ports: new Map([
        [8080, { publish: false }],
        [8443, { type: 'https', name: 'shop-tls' }],
      ]),
      txt: { path: '/shop' },
      faults: [],
    });
  });

  it.each([
    [{ 'guaita.service.type': '8080' }, 'label guaita.service.type: "8080" is no type; give a word such as "http"'],
    [{ 'guaita.service.name': '¿?' }, 'label guaita.service.name: "¿?" is no name; give letters and digits'],
    [
      { 'guaita.service.pubish': 'no' },
      'label guaita.service.pubish: is unknown; there are publish, type, name, description and txt.KEY',
    ],
    [
      { 'guaita.service.99999999.type': 'http' },
      'label guaita.service.99999999.type: is unknown; there are publish, type, name, description and txt.KEY',
    ],
    [
      { 'guaita.service.txt.a=b': 'c' },
      'label guaita.service.txt.a=b: is no key of a TXT record; use printable ASCII without "="',
    ],
    [
      { 'guaita.service.txt.__proto__': 'c' },
      'label guaita.service.txt.__proto__: is no key of a TXT record; use printable ASCII without "="',
    ],
    [
      { 'guaita.service.txt.long': 'é'.repeat(126) },
      'label guaita.service.txt.long: is longer than 255 bytes; shorten it',
    ],
  ])('that are wrong are told and do nothing: %j', (labels, fault) => {
    expect(wishesOf(labels as unknown as Record<string, string>)).toEqual({
      all: {},
      ports: new Map(),
      txt: {},
      faults: [fault],
    });
  });

  it('that may mean “do not publish” are taken so', () => {
    const { all, faults } = wishesOf({ 'guaita.service.publish': 'no' });
    expect(all).toEqual({ publish: false });
    expect(faults).toEqual(['label guaita.service.publish: "no" is neither "true" nor "false"; write one of them']);
  });

  it('give no more facts than a record holds, the same ones whatever their order', () => {
    const facts = Array.from({ length: 20 }, (_, index) => [`guaita.service.txt.k${10 + index}`, 'v'] as const);
    const one = wishesOf(Object.fromEntries(facts));
    expect(Object.keys(one.txt)).toHaveLength(16);
    expect(one.faults).toHaveLength(4);
    expect(wishesOf(Object.fromEntries(facts.toReversed()))).toEqual(one);
  });
});
