import { parse } from 'yaml';
import type { z } from 'zod';
import { type Path, schemasBelow, shapesOf } from '@guaita/settings';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * What the text of a variable or a flag means at a path: the first of text, number, truth value and list that the
 * schema there accepts.
 * Lists are separated by commas, or written as in YAML within brackets.
 */
export function textValue(schema: z.ZodType, path: Path, text: string): unknown {
  const places = path.reduce<z.ZodType[]>((at, key) => at.flatMap((one) => schemasBelow(one, key)), [schema]);
  for (const candidate of candidates(places, text)) {
    if (places.some((place) => place.safeParse(candidate).success)) return candidate;
  }
  // None fits: the last is what comes nearest to the schema's kind, and the error is about that.
  return candidates(places, text).at(-1);
}

function candidates(places: readonly z.ZodType[], text: string): unknown[] {
  const found: unknown[] = [text];
  if (NUMBER.test(text)) found.push(Number(text));
  if (text === 'true' || text === 'false') found.push(text === 'true');
  const elements = places.flatMap(shapesOf).flatMap((shape) => (shape.kind === 'array' ? [shape.element] : []));
  if (elements.length > 0) found.push(list(elements, text));
  return found;
}

function list(elements: readonly z.ZodType[], text: string): unknown {
  if (!text.trimStart().startsWith('[')) {
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => candidates(elements, part).find((one) => elements.some((e) => e.safeParse(one).success)) ?? part);
  }
  try {
    return parse(text, { maxAliasCount: 0, prettyErrors: false }) as unknown;
  } catch {
    // Not YAML after all: the schema says what is wrong with the text.
    return text;
  }
}
