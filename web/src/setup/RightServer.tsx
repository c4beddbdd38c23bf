import { useConsole } from '../api/console.ts';
import { Command } from '../parts/Command.tsx';
import classes from './RightServer.module.css';

/**
 * Why the browser warned, and how to find out that nobody stands between: only what the browser itself shows counts, since
 * an impostor could put any number on this page.
 */
export function RightServer() {
  const { data } = useConsole();
  if (data === undefined || data.origin === 'upload' || data.origin === 'generated') return null;
  return (
    <details className={classes['box']} open>
      <summary>Your browser warned about this server. Is it the right one?</summary>
      <p>
        The server made its certificate itself, so no browser knows it yet. Before you choose a password, compare the
        SHA-256 fingerprint in two places:
      </p>
      <ol>
        <li>what the server printed with the set-up link;</li>
        <li>what your browser shows: click the warning beside the address, then the certificate.</li>
      </ol>
      <p>Both must be:</p>
      <Command text={data.fingerprint} label="Copy the fingerprint" />
      <p>If they differ, somebody may be listening in: close this page and ask whoever runs the network.</p>
    </details>
  );
}
