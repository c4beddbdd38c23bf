import { Button, Skeleton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Ask } from '../parts/Ask.tsx';
import { count } from '../parts/count.ts';
import { Empty } from '../parts/Empty.tsx';
import { Lines } from '../parts/Lines.tsx';
import { Section } from '../parts/Section.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type Token, useAccessActions, useTokens } from './api.ts';
import { NewToken } from './NewToken.tsx';
import { isOver, TokenRow } from './TokenRow.tsx';

/** One's own tokens for programs. */
export function TokenList() {
  const { data, error, refetch } = useTokens();
  const { revokeToken } = useAccessActions();
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  const closeNew = (): void => {
    setAdding(false);
    // It may have been tried by now.
    void refetch();
  };
  const over = data?.filter(isOver) ?? [];
  const working = data?.filter((token) => !isOver(token)) ?? [];
  return (
    <Section
      title="Your tokens"
      lead="For scripts and other programs: they ask on your behalf and may only what you allow each of them."
      actions={
        <Button size="xs" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
          New token…
        </Button>
      }
    >
      {error !== null && <Trouble error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={80} />}
      {data !== undefined && working.length === 0 && (
        <Empty title="No token">A script that uploads certificates or reads the fleet needs one.</Empty>
      )}
      {working.length > 0 && (
        <Lines label="Your tokens">
          {working.map((token) => (
            <TokenRow key={token.id} token={token} onRevoke={() => setRevoking(token)} />
          ))}
        </Lines>
      )}
      {over.length > 0 && <Over tokens={over} />}
      {adding && <NewToken onClose={closeNew} />}
      {revoking !== undefined && (
        <Ask
          title={`Revoke the token ${revoking.name}?`}
          action={`Revoke ${revoking.name}`}
          destructive
          onConfirm={() => revokeToken(revoking)}
          onClose={() => setRevoking(undefined)}
        >
          Programs that use it are refused from their next request on. This cannot be undone; a new token can be made.
        </Ask>
      )}
    </Section>
  );
}

/** Those that do not work any more, folded away. */
function Over({ tokens }: { tokens: readonly Token[] }) {
  return (
    <details style={{ marginTop: 12 }}>
      <summary style={{ cursor: 'pointer', marginBottom: 8 }}>
        {count(tokens.length, 'token that does not work any more', 'tokens that do not work any more')}
      </summary>
      <Lines label="Tokens that do not work any more">
        {tokens.map((token) => (
          <TokenRow key={token.id} token={token} onRevoke={undefined} />
        ))}
      </Lines>
    </details>
  );
}
