import { secret } from '@guaita/service';
import { z } from 'zod';

/** Two days of a site of 1,000 devices. */
const MAX_mb = 256;

const StoreUrl = z.string().superRefine((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The text is not quoted: it may hold a password.
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    context.addIssue({
      code: 'custom',
      message: 'is no address of a store; give one like "http://victoria.lan:8428/api/v1/write"',
    });
  } else if (url.username !== '' || url.password !== '') {
    context.addIssue({
      code: 'custom',
      message: 'holds a user or password, which would be shown in logs; put them into username and password',
    });
  }
});

const LabelName = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'is no name of a label; give letters, digits and underscores')
  .refine((name) => !name.startsWith('__'), 'is a name that stores keep to themselves; leave the underscores out');

/** The field `export` of the section `storage`: a store for Prometheus’ remote write. */
export const exportConfig = z
  .strictObject({
    url: StoreUrl.describe('where it takes remote write, such as http://victoria.lan:8428/api/v1/write'),
    username: z.string().min(1).optional(),
    password: secret().optional(),
    bearer_token: secret().optional().describe('instead of username and password'),
    labels: z.record(LabelName, z.string()).default({}).describe('given to every series beside job and site'),
    scope: z
      .enum(['site', 'own'])
      .default('site')
      .describe('all that is kept here, or, where each monitor exports, what this one saw, beside verdicts and alerts'),
    max_mb: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(MAX_mb)
      .describe('disk for what the store has not taken yet, beside the day’s journal; then the oldest is given up'),
  })
  .superRefine(({ username, password, bearer_token }, context) => {
    if ((username === undefined) !== (password === undefined))
      context.addIssue({ code: 'custom', message: 'has one of username and password; give both or none' });
    if (username !== undefined && bearer_token !== undefined)
      context.addIssue({ code: 'custom', message: 'has both a password and a bearer_token; give one of them' });
  });
export type ExportConfig = z.output<typeof exportConfig>;
