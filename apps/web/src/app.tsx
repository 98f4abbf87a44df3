import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask, ServerError, type Me } from './http/server.ts';
import { LivePage, PageContext } from './page.ts';
import { Login } from './views/login.tsx';
import { Shell } from './views/shell.tsx';

type Stage =
  | { readonly stage: 'asking' }
  | { readonly stage: 'login' }
  | { readonly stage: 'failed'; readonly why: string }
  | { readonly stage: 'open'; readonly page: LivePage };

/** How often a server that does not answer is asked again. */
const RETRY_ms = 3000;

/** First who looks, then the page: nothing is shown to whom the server does not know. */
export function App(): JSX.Element {
  const [stage, setStage] = useState<Stage>({ stage: 'asking' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let page: LivePage | undefined;
    ask('me', { signal: abort.signal }).then(
      (me) => {
        page = new LivePage(me as Me, location);
        page.start();
        setStage({ stage: 'open', page });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        if (error instanceof ServerError && error.status === 401) {
          setStage({ stage: 'login' });
          return;
        }
        setStage({ stage: 'failed', why: error instanceof Error ? error.message : String(error) });
        timer = setTimeout(() => setAttempt((last) => last + 1), RETRY_ms);
      },
    );
    return () => {
      abort.abort();
      clearTimeout(timer);
      page?.stop();
    };
  }, [attempt]);
  const again = (): void => {
    setStage({ stage: 'asking' });
    setAttempt((last) => last + 1);
  };
  switch (stage.stage) {
    case 'asking':
      return (
        <main class="alone" aria-busy="true">
          <p class="nothing">Opening…</p>
        </main>
      );
    case 'login':
      return <Login onEntered={again} />;
    case 'failed':
      return (
        <main class="alone">
          <h1>Guaita</h1>
          <p role="alert">{stage.why} Trying again.</p>
        </main>
      );
    case 'open':
      return (
        <PageContext.Provider value={stage.page}>
          <Shell onLeft={again} />
        </PageContext.Provider>
      );
  }
}
