import { z } from 'zod';

/** Home Assistant's own default. */
const PREFIX = 'homeassistant';

/** The part `home_assistant:` of the section `alert:`. */
export const homeAssistantConfig = z
  .strictObject({
    enabled: z.boolean().default(false).describe('whether Home Assistant is told of every device'),
    prefix: z
      .string()
      .regex(/^[^+#$/\0][^+#\0]*(?<!\/)$/, 'must be a topic without + and #, and without / at its ends')
      .default(PREFIX)
      .describe('the topic under which Home Assistant looks for devices'),
  })
  .prefault({});
export type HomeAssistantConfig = z.output<typeof homeAssistantConfig>;
