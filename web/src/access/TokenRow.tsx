import { Button, Text } from '@mantine/core';
import { Moment } from '../parts/Moment.tsx';
import { Line } from '../parts/Lines.tsx';
import { State } from '../parts/State.tsx';
import type { Token } from './api.ts';
import { scopeWords } from './words.ts';

const SOON_MS = 14 * 86_400_000;

export const isOver = ({ revokedAt, expiresAt }: Token): boolean =>
  revokedAt !== null || (expiresAt !== null && Date.parse(expiresAt) <= Date.now());

/** One token: what it may, until when, whether anything uses it. */
export function TokenRow({ token, onRevoke }: { token: Token; onRevoke: (() => void) | undefined }) {
  const { name, scopes, expiresAt, lastUsedAt } = token;
  return (
    <Line
      title={name}
      mark={<TokenState token={token} />}
      facts={
        <>
          {scopes.map(scopeWords).join(' · ')}
          <Text size="sm" c="dimmed">
            {expiresAt === null ? (
              'Never ends'
            ) : (
              <>
                {isOver(token) ? 'Ended' : 'Ends'} <Moment at={token.revokedAt ?? expiresAt} show="relative" />
              </>
            )}
            {', '}
            {lastUsedAt === null ? (
              'never used'
            ) : (
              <>
                last used <Moment at={lastUsedAt} show="relative" />
              </>
            )}
          </Text>
        </>
      }
      actions={
        onRevoke && (
          <Button size="xs" variant="default" onClick={onRevoke} aria-label={`Revoke ${name}`}>
            Revoke…
          </Button>
        )
      }
    />
  );
}

function TokenState({ token }: { token: Token }) {
  if (token.revokedAt !== null) return <State state="revoked" label="Revoked" tone="calm" />;
  if (isOver(token)) return <State state="expired" label="Ended" tone="calm" />;
  const left = token.expiresAt === null ? Infinity : Date.parse(token.expiresAt) - Date.now();
  return left < SOON_MS ? <State state="expiring" label="Ends soon" /> : <State state="ready" label="Works" />;
}
