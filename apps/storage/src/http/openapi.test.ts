import { Validator } from '@seriousme/openapi-schema-validator';
import { channels } from '@guaita/messages';
import { beforeEach, expect, it } from 'vitest';
import { HttpStage } from './http-stage.testdata.ts';

let stage: HttpStage;
beforeEach(async () => {
  stage = await HttpStage.begin({ tokens: { ada: 'operator' } });
});

interface Operation {
  readonly operationId: string;
  readonly 'x-role': string;
  readonly responses: Record<string, unknown>;
}

async function document(): Promise<{ readonly paths: Record<string, Record<string, Operation>> }> {
  return JSON.parse((await stage.ask('/api/openapi.json')).text);
}

it('is valid OpenAPI 3.1, and anybody may read it', async () => {
  const validator = new Validator();
  const result = await validator.validate(await document());
  expect(result.errors).toBeUndefined();
  expect(result.valid).toBe(true);
  expect(validator.version).toBe('3.1');
});

it('has every route and no other: each that it names is there, and all that is there is named', async () => {
  const { paths } = await document();
  const named = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  // What is asked of history has routes of its own.
  const commands = Object.values(channels).flatMap(({ definition: { path } }) =>
    path.startsWith('command/') && path !== channels.queryHistory.definition.path
      ? [`POST /api/commands/${path.slice('command/'.length)}`]
      : [],
  );
  const others = [
    'me',
    'devices',
    'devices/{device}',
    'series',
    'sparks',
    'worst',
    'availability',
    'events',
    'openapi.json',
  ];
  const expected = [...commands, 'POST /api/login', 'POST /api/logout', ...others.map((path) => `GET /api/${path}`)];
  expect(named.sort()).toEqual(expected.sort());
  for (const name of named) {
    const [method = '', path = ''] = name.split(' ');
    const answer = await stage.ask(path.replace('{device}', 'router'), stage.as('ada'), method);
    expect(answer.text).not.toContain('there is no');
  }
});

it('says of each who may, and gives each a name of its own', async () => {
  const operations = Object.values((await document()).paths).flatMap((each) => Object.values(each));
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const operation of operations) expect(['anybody', 'viewer', 'operator']).toContain(operation['x-role']);
});
