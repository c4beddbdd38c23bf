import { Alert, Button, Group, List } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { RequestFailed } from '../api/request.ts';

interface TroubleProps {
  readonly error: Error;
  /** Where trying again makes sense. */
  readonly retry?: () => void;
  /** It follows from a button that was pressed: brought into view, wherever the page or the dialog is scrolled to. */
  readonly reveal?: boolean;
}

/** A request that failed: what happened, why, and what to do. Findings of a refused certificate have a view of their own. */
export function Trouble({ error, retry, reveal = false }: TroubleProps) {
  const alert = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (reveal) alert.current?.scrollIntoView({ block: 'nearest' });
  }, [reveal, error]);
  const problem = error instanceof RequestFailed ? error.problem : undefined;
  return (
    <Alert
      ref={alert}
      color="red"
      icon={<IconAlertTriangle aria-hidden />}
      title={problem?.title ?? 'That did not work'}
      role="alert"
    >
      {error.message}
      {problem?.fields !== undefined && problem.fields.length > 0 && (
        <List size="sm" mt="xs">
          {problem.fields.map(({ path, problem }) => (
            <List.Item key={path + problem}>{path === '' ? problem : `${path}: ${problem}`}</List.Item>
          ))}
        </List>
      )}
      {retry !== undefined && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  );
}
