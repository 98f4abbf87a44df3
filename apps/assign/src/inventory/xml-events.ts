import { SaxesParser, type SaxesTagPlain } from 'saxes';
import type { Complaints } from './complaints.ts';

/** What is told of an XML text while it goes by, each with its line. */
export interface XmlListener {
  readonly open: (tag: SaxesTagPlain, line: number) => void;
  readonly close: (name: string) => void;
  readonly text?: (text: string) => void;
}

/** A broken file says the same again and again. */
const MAX_XML_ERRORS = 20;

/**
 * Reads an XML text; what breaks it is complained of. The parser expands none but XML's own five entities: a document
 * type's entity declarations are passed over, so that no text grows while it is read.
 */
export function readXml(text: string, listener: XmlListener, complaints: Complaints): void {
  const parser = new SaxesParser<{ xmlns: false }>({ xmlns: false });
  let errors = 0;
  parser.on('error', (error) => {
    errors += 1;
    const message = error.message.replace(/^\S*?:?\d+:\d+: /, '').replace(/\.$/, '');
    if (errors <= MAX_XML_ERRORS) complaints.error([], `is not XML: ${message}; correct it`, parser.line);
  });
  parser.on('opentag', (tag) => listener.open(tag, parser.line));
  parser.on('closetag', (tag) => listener.close(tag.name));
  if (listener.text !== undefined) {
    parser.on('text', listener.text);
    parser.on('cdata', listener.text);
  }
  parser.write(text).close();
}
