import { Id } from '@guaita/model';
import { VERSION } from '@guaita/service';
import { z } from 'zod';
import type { Door } from '../access/door.ts';
import { Role, type Visitor } from '../access/tokens.ts';
import { route, type Route } from './route.ts';

/** What the page begins with. */
const Me = z.object({
  name: z.string(),
  role: Role,
  monitor: Id,
  base: z.string().describe('the topic below which all others stand'),
  version: z.string(),
  tokens: z.boolean().describe('whether one comes in by a token here; else whoever is on this host is an operator'),
});

/** The routes by which somebody comes in, leaves, and learns as whom they are here. */
export function sessionRoutes(door: Door, { monitor, base }: { readonly monitor: Id; readonly base: string }): Route[] {
  const meOf = ({ name, role }: Visitor): z.output<typeof Me> => {
    return { name, role, monitor, base, version: VERSION, tokens: !door.localOnly };
  };
  return [
    route({
      method: 'GET',
      path: '/api/me',
      summary: 'Who asks, and which monitor answers',
      role: 'viewer',
      answer: Me,
      handle: ({ visitor }) => ({ value: meOf(visitor) }),
    }),
    route({
      method: 'POST',
      path: '/api/login',
      summary: 'Takes a token for a cookie, so that the page need not keep it',
      description: 'The cookie is the token, where no script can read it: nothing is kept here of who is logged in.',
      role: 'anybody',
      body: z.strictObject({ token: z.string().min(1).max(200) }),
      answer: Me,
      problems: { 401: 'The token is not known', 429: 'Too many wrong tokens came from there' },
      handle: ({ body: { token }, request }) => {
        const visitor = door.localOnly ? door.visitor(request) : door.login(token, request);
        const headers = door.localOnly ? {} : { 'set-cookie': door.cookie(token, request) };
        return { value: meOf(visitor), headers };
      },
    }),
    route({
      method: 'POST',
      path: '/api/logout',
      summary: 'Takes the cookie away',
      role: 'anybody',
      answer: z.object({}),
      handle: ({ request }) => ({ value: {}, headers: { 'set-cookie': door.cookie(undefined, request) } }),
    }),
  ];
}
