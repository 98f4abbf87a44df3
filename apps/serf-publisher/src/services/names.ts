import { normaliseId } from '@guaita/model';

/** The longest name of a service type (RFC 6335 §5.1): who announces by DNS-SD takes no longer one. */
const TYPE_MAX_LENGTH = 15;

/**
 * Makes a service type of a foreign word: letters, digits and single hyphens, with a letter in it, at most 15 characters
 * (RFC 6335 §5.1). Types stay as they are.
 *
 * @returns the type, or `undefined` when nothing of the word can stand in one (`"8080"`).
 */
export function serviceType(word: string): string | undefined {
  const type = (normaliseId(word) ?? '')
    .replace(/[._-]+/g, '-')
    .replace(/^-/, '')
    .slice(0, TYPE_MAX_LENGTH)
    .replace(/-$/, '');
  return /[a-z]/.test(type) ? type : undefined;
}

/** The longest text for people that is told on: as one string of a DNS-SD TXT record (RFC 6763 §6.1), were it ASCII. */
const TEXT_MAX_LENGTH = 255;

/** A text for people on one line: no control characters, no halves of characters, no more than 255 of them. */
export function onOneLine(text: string): string {
  const clean = text
    .toWellFormed()
    .replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return [...clean.slice(0, 2 * TEXT_MAX_LENGTH)].slice(0, TEXT_MAX_LENGTH).join('').toWellFormed();
}
