import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../http/server.ts';
import { useLive } from '../page.ts';
import { counted } from '../units/figures.ts';
import { applyTheme, storedTheme, THEMES, type Theme } from '../theme.ts';

const NAMES: Readonly<Record<Theme, string>> = { system: 'As the system', light: 'Light', dark: 'Dark' };

/** Who looks, at which monitor's broker, and in which light. */
export function Settings({ onLeft }: { readonly onLeft: () => void }): JSX.Element {
  const { me, network } = useLive();
  const [theme, setTheme] = useState(storedTheme);
  const leave = async (): Promise<void> => {
    await ask('logout', { body: {} }).catch(() => undefined);
    onLeft();
  };
  return (
    <details class="settings">
      <summary aria-label="Settings">
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M2 4h7M12 4h2M2 8h2M7 8h7M2 12h6M11 12h3" />
          <circle cx="10.5" cy="4" r="1.5" />
          <circle cx="5.5" cy="8" r="1.5" />
          <circle cx="9.5" cy="12" r="1.5" />
        </svg>
      </summary>
      <div class="settings-body">
        <dl class="facts">
          <dt>You</dt>
          <dd>
            {me.name} ({me.role})
          </dd>
          <dt>Seen from</dt>
          <dd>{me.monitor}</dd>
          <dt>Version</dt>
          <dd>{me.version}</dd>
          {network.passedOver.unreadable > 0 && (
            <>
              <dt>Not understood</dt>
              <dd>{counted(network.passedOver.unreadable, 'message')}</dd>
            </>
          )}
        </dl>
        <fieldset class="themes">
          <legend>Light</legend>
          {THEMES.map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="theme"
                value={name}
                checked={theme === name}
                onChange={() => {
                  setTheme(name);
                  applyTheme(name);
                }}
              />
              {NAMES[name]}
            </label>
          ))}
        </fieldset>
        {me.tokens && (
          <button type="button" onClick={() => void leave()}>
            Log out
          </button>
        )}
      </div>
    </details>
  );
}
