import { useEffect, useState } from 'preact/hooks';
import { ask, hasNoHistory } from '../http/server.ts';

export type History<Value> =
  | { readonly is: 'asking' }
  /** There is no history at this monitor. */
  | { readonly is: 'none' }
  | { readonly is: 'failed'; readonly why: string }
  | { readonly is: 'there'; readonly value: Value };

/**
 * Asks the history, and again every so often while the view is seen. What was there stays until the new answer comes.
 *
 * @param path of the API; `undefined` while there is nothing to ask.
 */
export function useHistory<Value>(
  path: string | undefined,
  read: (answer: unknown) => Value,
  again_ms: number,
): History<Value> {
  const [history, setHistory] = useState<History<Value>>({ is: 'asking' });
  useEffect(() => {
    if (path === undefined) return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const once = async (): Promise<void> => {
      try {
        if (!document.hidden) {
          const answer = read(await ask(path, { signal: abort.signal }));
          setHistory({ is: 'there', value: answer });
        }
      } catch (error) {
        if (abort.signal.aborted) return;
        const why = error instanceof Error ? error.message : String(error);
        setHistory(hasNoHistory(error) ? { is: 'none' } : { is: 'failed', why });
      }
      if (!abort.signal.aborted) timer = setTimeout(() => void once(), again_ms);
    };
    void once();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, again_ms]);
  return history;
}
