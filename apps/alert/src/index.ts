export { type Quorum } from './verdict/quorum.ts';
export { Alerts } from './alerts/alerts.ts';
export type { AlertEffect } from './alerts/effect.ts';
export { alertId } from './alerts/id.ts';
export { ALERT_DEFAULTS, type AlertOptions } from './alerts/options.ts';
