import { pino, stdSerializers, type Logger } from 'pino';
import type { CommonConfig } from '../config/common.ts';
import { blotter } from './blot.ts';
import { prettyLine } from './pretty.ts';

/** Where lines go: `process.stdout`, or a list in a test. */
export interface LogOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

export interface LoggerOptions {
  readonly output?: LogOutput;
  /** Values that no line may show (`Config.secrets`). */
  readonly secrets?: readonly string[];
}

/** A log of one JSON object a line; readable lines at a terminal or when `format` is `pretty`. Written at once. */
export function createLogger(config: CommonConfig['log'], options: LoggerOptions = {}): Logger {
  const { output = process.stdout, secrets = [] } = options;
  const isPretty = config.format === 'pretty' || (config.format === 'auto' && output.isTTY === true);
  const blot = blotter(secrets);
  return pino(
    {
      level: config.level,
      base: null,
      // The field's name for it: https://pkg.go.dev/log/slog and pino's own ISO form agree on "time".
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.errWithCause, error: stdSerializers.errWithCause },
    },
    {
      write(line: string) {
        const clean = blot(line);
        output.write(isPretty ? prettyLine(clean, output.isTTY === true) : clean);
      },
    },
  );
}
