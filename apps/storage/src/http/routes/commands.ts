import { ANSWER_ms, BusError, type CommandClient, type Wire } from '@guaita/bus';
import { channels, type Channel } from '@guaita/messages';
import { Id, Operator } from '@guaita/model';
import { z } from 'zod';
import { HttpProblem } from '../problem.ts';
import { route, type Route } from './route.ts';

const COMMAND = 'command/';

/** What is done. */
const Done = z.object({
  ok: z.literal(true),
  monitor: Id.describe('who did it; it is on its disk'),
  devices_gone: z.int().min(0).optional().describe('how many devices went with a monitor that is forgotten'),
  silence: Id.optional().describe('what the silence is called that was added'),
  remarks: z.array(z.string()).optional().describe('what is done, but likely not as it is meant'),
});

export interface CommandRoutesOptions {
  readonly wire: Wire;
  readonly client: Pick<CommandClient, 'ask'>;
  /** Whether somebody may give a command in another name than that of a token: only while there are no tokens. */
  readonly freeNames: boolean;
  /** Default: 10 s. */
  readonly patience_ms?: number;
}

/** A route for each of operators' commands: what is said over MQTT, with the same checks and the same answers. */
export function commandRoutes(options: CommandRoutesOptions): Route[] {
  const commands: Channel<string, z.ZodType>[] = Object.values(channels).filter(
    // What is asked of history viewers may ask, too: other routes answer it.
    (channel) => channel.definition.path.startsWith(COMMAND) && channel !== channels.queryHistory,
  );
  return commands.map((channel) => commandRoute(channel, options));
}

function commandRoute(
  channel: Channel<string, z.ZodType>,
  { wire, client, freeNames, patience_ms = ANSWER_ms }: CommandRoutesOptions,
): Route {
  const { path, description, payload } = channel.definition;
  const signed = payload instanceof z.ZodObject && 'by' in payload.shape ? payload : undefined;
  const by = Operator.optional().describe('who; the name of the token by default, and no other where there are tokens');
  return route({
    method: 'POST',
    path: `/api/commands/${path.slice(COMMAND.length)}`,
    summary: description,
    description: `What \`${path}\` is over MQTT. When the answer comes, it is done and on the disk of the monitor that did it.`,
    role: 'operator',
    body: signed?.extend({ by }) ?? payload,
    answer: Done,
    problems: {
      400: 'It is not done, and the reasons',
      503: 'It is not given, since the broker is away',
      504: 'Nobody answered: it may be done',
    },
    handle: async ({ body, visitor }) => {
      const order = signed === undefined ? body : inNameOf(visitor.name, freeNames, body as { readonly by?: string });
      // What waits for the broker would be done at some later time, when nobody expects it any more.
      if (!wire.bus.connected) throw away();
      const reply = await client.ask(channel, order, patience_ms).catch((error: unknown) => {
        throw error instanceof BusError ? away(error) : error;
      });
      if (reply?.ok === true) return { value: reply };
      if (reply !== undefined) throw new HttpProblem(400, reply.problem);
      throw new HttpProblem(
        504,
        `nobody answered within ${patience_ms / 1000} s, so it may not be done: look at what is now`,
      );
    },
  });
}

/** Commands are signed by who gives them: a token's holder cannot sign as somebody else. */
function inNameOf(name: string, freeNames: boolean, body: { readonly by?: string }): unknown {
  if (body.by === undefined || body.by === name || freeNames) return { ...body, by: body.by ?? name };
  throw new HttpProblem(400, `by: this token is that of "${name}", not of ${JSON.stringify(body.by)}; leave "by" out`);
}

function away(cause?: BusError): HttpProblem {
  const options = cause === undefined ? {} : { cause };
  return new HttpProblem(
    503,
    'the broker is away, so the command is not given; give it again when it is back',
    {},
    options,
  );
}
