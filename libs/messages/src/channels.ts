import { audienceChannels } from './channels/audience.ts';
import { commandChannels } from './channels/commands.ts';
import { hostChannels } from './channels/host.ts';
import { monitorChannels } from './channels/monitor.ts';

/** Every topic of the wire contract, by name. */
export const channels = { ...monitorChannels, ...hostChannels, ...audienceChannels, ...commandChannels } as const;

/** The topic under which all others stand, unless configured otherwise. */
export const DEFAULT_BASE = 'guaita';
