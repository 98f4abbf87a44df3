import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../http/server.ts';

/** Asks for a token; the server keeps it in a cookie that no script can read. */
export function Login({ onEntered }: { readonly onEntered: () => void }): JSX.Element {
  const [problem, setProblem] = useState('');
  const [isAsking, setAsking] = useState(false);
  const enter = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const token = new FormData(event.currentTarget as HTMLFormElement).get('token');
    setAsking(true);
    try {
      await ask('login', { body: { token: typeof token === 'string' ? token.trim() : '' } });
      onEntered();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setAsking(false);
    }
  };
  return (
    <main class="alone">
      <img src="/icon.svg" alt="" width="48" height="48" />
      <h1>Guaita</h1>
      <form class="login" onSubmit={(event) => void enter(event)}>
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          required
          spellcheck={false}
          aria-describedby="token-help token-problem"
        />
        <p id="token-help" class="hint">
          Made on a monitor with <code>guaita token --role viewer --name you</code>.
        </p>
        <p id="token-problem" class="problem" role="alert">
          {problem}
        </p>
        <button class="primary" type="submit" disabled={isAsking}>
          Log in
        </button>
      </form>
    </main>
  );
}
